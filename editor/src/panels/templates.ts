/** The ready workflows the server has, and opening one. */

import * as v from 'valibot';
import { api } from '../api/current';
import { openJson } from '../app/files';
import { spokenTemplate } from '../model/spoken';
import { useDefinitions } from '../state/definitions';

const answer = v.object({
  templates: v.array(
    v.object({
      name: v.string(),
      title: v.string(),
      description: v.optional(v.string(), ''),
      picture: v.optional(v.boolean(), false),
    }),
  ),
});
export type Template = v.InferOutput<typeof answer>['templates'][number];

export async function listTemplates(signal?: AbortSignal): Promise<readonly Template[]> {
  const { words } = useDefinitions.getState();
  const { templates } = v.parse(answer, await api().getJson('v1/templates', signal));
  return templates.map((each) => ({
    ...each,
    title: words[each.title] ?? each.title,
    description: words[each.description] ?? each.description,
  }));
}

export async function openTemplate(template: Template): Promise<void> {
  const json = await api().getJson(`v1/templates/${encodeURIComponent(template.name)}`);
  await openJson(template.title, spokenTemplate(json, useDefinitions.getState().words));
}

export function pictureOf(template: Template): string {
  return `./api/v1/templates/${encodeURIComponent(template.name)}/picture`;
}
