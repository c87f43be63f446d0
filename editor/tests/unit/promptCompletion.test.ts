/** What completes a prompt, without a page: names, words, LoRAs as nodes, hints, and where the list goes. */

import { describe, expect, it } from 'vitest';
import type { NodeDefinition } from '../../src/model/definition';
import { addNode, connect, inputOf, outputOf } from '../../src/model/edit';
import { linkInto, linksFrom } from '../../src/model/graph';
import { loraPlace, lorasOf, withLora } from '../../src/model/insertLora';
import { readDefinitions } from '../../src/model/schema';
import { EMPTY_GRAPH, type Graph, type NodeId } from '../../src/model/types';
import { spotBeside } from '../../src/widgets/prompt/caret';
import { completed, type Knowledge, queryAt, suggestionsFor } from '../../src/widgets/prompt/completion';
import { hintsIn } from '../../src/widgets/prompt/hints';
import { usedIn } from '../../src/widgets/prompt/usedWords';
import { endOfChange } from '../../src/widgets/textHistory';

const KNOWN: Knowledge = {
  embeddings: new Map([
    ['ink', 1],
    ['style/ink-wash', 4],
    ['old (1990)', null],
    ['paper(cut)', 2],
  ]),
  loras: ['pixel.safetensors', 'deep/pixels.safetensors', 'clay.safetensors'],
  used: usedIn(['golden retriever, blue sky', 'blue sky, bluebells, a golden crown', 'blue sky']),
};

/** What is offered where `|` stands, and what the first of it makes of the text. */
function offered(marked: string): readonly [string[], string | null] {
  const at = marked.indexOf('|');
  const text = marked.replace('|', '');
  const query = queryAt(text, at);
  const found = query === null ? [] : suggestionsFor(text, query, KNOWN);
  const [first] = found;
  const made = first === undefined ? null : completed(text, first);
  const result = made === null ? null : `${made.text.slice(0, made.at)}|${made.text.slice(made.at)}`;
  return [found.map((each) => each.text), result];
}

describe('embeddings', () => {
  it('are offered for their prefix, the beginnings first', () => {
    expect(offered('a cat, embedding:|')[0]).toEqual(['ink', 'style/ink-wash', 'paper(cut)']);
    expect(offered('embedding:in|')).toEqual([['ink', 'style/ink-wash'], 'embedding:ink|']);
    expect(offered('embedding:CUT|')[0]).toEqual(['paper(cut)']);
    expect(offered('embedding:zzz|')[0]).toEqual([]);
  });

  it('take the place of the whole name, escaped, and stand at the beginning of a word', () => {
    expect(offered('(embedding:i|nk:1.2)')[1]).toBe('(embedding:ink|:1.2)');
    expect(offered('embedding:pap| b')[1]).toBe('embedding:paper\\(cut\\)| b');
    expect(offered('cat,embedding:pap|')[1]).toBe('cat, embedding:paper\\(cut\\)|');
    expect(offered('xembedding:in|')[0]).toEqual([]);
  });

  it('are offered for a bare word of two letters that begins their name', () => {
    expect(offered('a cat in|')).toEqual([['ink', 'style/ink-wash'], 'a cat embedding:ink|']);
    expect(offered('a cat i|')[0]).toEqual([]);
    expect(offered('pap|')[1]).toBe('embedding:paper\\(cut\\)|');
    expect(offered('per|')[0]).toEqual([]);
  });
});

describe('words that were used', () => {
  it('are ranked by use, as tags where the tag so far fits', () => {
    expect(offered('bl|')).toEqual([['blue sky', 'blue', 'bluebells'], 'blue sky|']);
    expect(offered('a cat, golden re|')).toEqual([
      ['golden retriever', 'retriever'],
      'a cat, golden retriever|',
    ]);
  });

  it('go on in weights and choices, and never in the middle of a word', () => {
    expect(offered('(a golden cr|:1.2)')[1]).toBe('(a golden crown|:1.2)');
    expect(offered('re|d')[0]).toEqual([]);
    expect(offered('12|')[0]).toEqual([]);
    expect(offered('bluebells|')[0]).toEqual([]);
  });

  it('are counted without weights, names and comments', () => {
    const used = usedIn(['(blue sky:1.2), embedding:ink, <lora:x:1>, cat // blue sky', 'Blue  sky.']);
    expect(used.find(({ text }) => text === 'blue sky')?.uses).toBe(2);
    expect(used.map(({ text }) => text)).not.toContain('embedding');
    expect(used.map(({ text }) => text)).not.toContain('lora');
  });

  it('of Chinese prompts are tags', () => {
    expect(usedIn(['蓝天白云，阳光', '蓝天白云、草地']).map(({ text, uses }) => [text, uses])).toEqual([
      ['蓝天白云', 2],
      ['阳光', 1],
      ['草地', 1],
    ]);
    const query = queryAt('猫，蓝', 3);
    const used = usedIn(['蓝天白云，阳光']);
    const found = query === null ? [] : suggestionsFor('猫，蓝', query, { ...KNOWN, used });
    expect(found.map(({ text }) => text)).toEqual(['蓝天白云']);
  });
});

const socket = (type: string) => [type, {}];
const definitions = readDefinitions({
  Checkpoint: { input: { required: {} }, output: ['MODEL', 'CLIP', 'VAE'] },
  OnlyModel: { input: { required: {} }, output: ['MODEL'] },
  OnlyClip: { input: { required: {} }, output: ['CLIP'] },
  Skip: { input: { required: { clip: socket('CLIP') } }, output: ['CLIP'] },
  Prompt: {
    input: {
      required: { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: socket('CLIP') },
    },
    output: ['CONDITIONING'],
  },
  Sampler: {
    input: {
      required: {
        model: socket('MODEL'),
        positive: socket('CONDITIONING'),
        negative: socket('CONDITIONING'),
      },
    },
    output: ['LATENT'],
  },
  LoraLoader: {
    input: {
      required: {
        model: socket('MODEL'),
        clip: socket('CLIP'),
        lora_name: [['a.safetensors', 'b.safetensors'], {}],
        strength_model: ['FLOAT', { default: 1, step: 0.01 }],
        strength_clip: ['FLOAT', { default: 1, step: 0.01 }],
      },
    },
    output: ['MODEL', 'CLIP'],
  },
});
const lora = definitions.get('LoraLoader') as NodeDefinition;

interface Built {
  readonly graph: Graph;
  readonly ids: Readonly<Record<string, NodeId>>;
}

/** Nodes by letter, wired as `from.slot>to.slot`. */
function built(nodes: Readonly<Record<string, string>>, wires: readonly string[]): Built {
  let graph = EMPTY_GRAPH;
  const ids: Record<string, NodeId> = {};
  for (const [name, type] of Object.entries(nodes)) {
    const made = addNode(graph, definitions.get(type) as NodeDefinition, [Object.keys(ids).length * 300, 0]);
    graph = made.graph;
    ids[name] = made.id;
  }
  for (const wire of wires) {
    const [, from = '', output, to = '', input] = /(\w)\.(\d)>(\w)\.(\d)/u.exec(wire) ?? [];
    graph = connect(graph, outputOf(ids[from] ?? '', Number(output)), inputOf(ids[to] ?? '', Number(input)));
  }
  return { graph, ids };
}

describe('a LoRA', () => {
  const usual = built({ c: 'Checkpoint', s: 'Skip', p: 'Prompt', n: 'Prompt', k: 'Sampler' }, [
    'c.0>k.0',
    'c.1>s.0',
    's.0>p.1',
    's.0>n.1',
    'p.0>k.1',
    'n.0>k.2',
  ]);

  it('is asked for as elsewhere, with its strength', () => {
    expect(offered('a cat <lora:pix|')[0]).toEqual(['pixel.safetensors', 'deep/pixels.safetensors']);
    expect(offered('a cat <lora:pix|el:0.8>, b')[1]).toBe('a cat |, b');
    expect(queryAt('<lora:pix:0.8', 13)).toMatchObject({ kind: 'lora', typed: 'pix', strength: 0.8 });
    expect(queryAt('<lora:pix:', 10)).toMatchObject({ typed: 'pix', strength: null });
    expect(lorasOf(lora)).toEqual(['a.safetensors', 'b.safetensors']);
    expect(lorasOf(undefined)).toEqual([]);
  });

  it('is put between the checkpoint and all that use its model and text encoder', () => {
    const { c = '', s = '', p = '', k = '' } = usual.ids;
    const made = withLora(usual.graph, lora, p, { name: 'b.safetensors', strength: 0.8 });
    expect(made).not.toBeNull();
    const { graph, id } = made ?? { graph: EMPTY_GRAPH, id: '' };
    expect(linksFrom(graph, c).map(({ target, targetSlot }) => [target, targetSlot])).toEqual([
      [id, 0],
      [id, 1],
    ]);
    expect([linkInto(graph, k, 0)?.source, linkInto(graph, s, 0)?.source]).toEqual([id, id]);
    expect(linkInto(graph, p, 1)?.source).toBe(s);
    const values = graph.nodes.get(id)?.values;
    expect([values?.get('lora_name'), values?.get('strength_model'), values?.get('strength_clip')]).toEqual([
      'b.safetensors',
      0.8,
      0.8,
    ]);
    const second = withLora(graph, lora, p, { name: 'a.safetensors', strength: null });
    expect(linkInto(second?.graph ?? EMPTY_GRAPH, second?.id ?? '', 0)?.source).toBe(id);
    expect(second?.graph.nodes.get(second.id)?.values.get('strength_model')).toBe(1);
  });

  it('covers no other node', () => {
    let { graph } = usual;
    for (let count = 0; count < 3; count += 1)
      graph = withLora(graph, lora, usual.ids.p ?? '', { name: 'a', strength: null })?.graph ?? graph;
    const boxes = [...graph.nodes.values()];
    for (const one of boxes)
      for (const other of boxes)
        if (one !== other && one.pos[0] === other.pos[0])
          expect(one.pos[1] + one.size[1] <= other.pos[1] || other.pos[1] + other.size[1] <= one.pos[1]).toBe(
            true,
          );
  });

  it('finds model and text encoder where they come from different nodes', () => {
    const apart = built({ m: 'OnlyModel', c: 'OnlyClip', p: 'Prompt', k: 'Sampler' }, [
      'm.0>k.0',
      'c.0>p.1',
      'p.0>k.1',
    ]);
    const { m = '', c = '', p = '', k = '' } = apart.ids;
    const made = withLora(apart.graph, lora, p, { name: 'a.safetensors', strength: null });
    const graph = made?.graph ?? EMPTY_GRAPH;
    expect([linkInto(graph, k, 0)?.source, linkInto(graph, p, 1)?.source]).toEqual([made?.id, made?.id]);
    expect([linkInto(graph, made?.id ?? '', 0)?.source, linkInto(graph, made?.id ?? '', 1)?.source]).toEqual([
      m,
      c,
    ]);
  });

  it('has no place where the prompt leads to no model', () => {
    const alone = built({ c: 'OnlyClip', p: 'Prompt' }, ['c.0>p.1']);
    expect(loraPlace(alone.graph, alone.ids.p ?? '')).toBeNull();
    expect(loraPlace(built({ p: 'Prompt' }, []).graph, '1')).toBeNull();
    expect(withLora(alone.graph, lora, alone.ids.p ?? '', { name: 'a', strength: null })).toBeNull();
  });
});

describe('hints', () => {
  const kinds = (text: string, isDynamic = true) =>
    hintsIn(text, isDynamic, []).map(({ kind, at }) => [kind, at]);

  it('are given for brackets without a partner, with their line', () => {
    expect(kinds('(a) \\( [b] {c|d}')).toEqual([]);
    expect(hintsIn('a\n(b', true, [])).toEqual([{ kind: 'opened', at: 2, what: '(', line: 2 }]);
    expect(kinds('a) {b')).toEqual([
      ['closed', 1],
      ['openedChoice', 3],
    ]);
  });

  it('are not given for faces, in comments, or for braces that mean nothing', () => {
    expect(kinds('smile :) or ;-( =)')).toEqual([]);
    expect(kinds('a // (')).toEqual([]);
    expect(kinds('{a', false)).toEqual([]);
    expect(kinds('a // (', false)).toEqual([['opened', 5]]);
  });

  it('name embeddings that are not there, and LoRAs that are plain text', () => {
    expect(hintsIn('x <lora:a:1>', true, ['gone', '']).map(({ kind, what }) => [kind, what])).toEqual([
      ['unknown', 'gone'],
      ['lora', '<lora:a:1>'],
    ]);
  });
});

describe('the list', () => {
  const screen = { width: 800, height: 600 };
  const size = { width: 300, height: 200 };

  it('goes below the line, or above it where there is more room, and never over it', () => {
    expect(spotBeside({ left: 100, top: 100, width: 0, height: 20 }, size, screen)).toEqual({
      left: 100,
      top: 124,
      most: 468,
    });
    expect(spotBeside({ left: 790, top: 500, width: 0, height: 20 }, size, screen)).toEqual({
      left: 492,
      top: 296,
      most: 488,
    });
    for (let top = 0; top < 580; top += 7) {
      const spot = spotBeside({ left: 0, top, width: 0, height: 20 }, size, screen);
      const bottom = spot.top + Math.min(size.height, spot.most);
      expect(spot.top >= top + 20 || bottom <= top).toBe(true);
      expect(bottom).toBeLessThanOrEqual(600);
    }
  });
});

describe('the cursor after a step of the history', () => {
  it('stands behind what has changed', () => {
    expect(endOfChange('a (red:1.05) cat', 'a red cat')).toBe(5);
    expect(endOfChange('a cat', 'a red cat')).toBe(5);
    expect(endOfChange('aa', 'aaa')).toBe(2);
    expect(endOfChange('abc', '')).toBe(0);
  });
});
