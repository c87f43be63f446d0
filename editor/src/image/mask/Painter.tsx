/** What the mask editor shows once the picture is there: tools, the picture, the steps so far, and the ways out. */

import { type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Size } from '../../model/types';
import type { MaskTarget } from '../maskTarget';
import { Heading } from './Heading';
import { actionOf, type Inside } from './keys';
import type { Paintable } from './loadPicture';
import { Stage } from './Stage';
import { ToolPanel } from './ToolPanel';
import { useActions } from './useActions';
import { useSession } from './useSession';
import type { Stroking } from './useStroke';
import { useView } from './useView';

interface PainterProps {
  readonly target: MaskTarget;
  readonly picture: Paintable;
  readonly inside: RefObject<Inside>;
}

export function Painter({ target, picture, inside }: PainterProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const stroke = useRef<Stroking | null>(null);
  const session = useSession(target, picture.mask);
  const { mask } = session.history;
  const size: Size = [mask.width, mask.height];
  const controls = useView(frame, size);
  const { actions, largest } = useActions(session, controls, stroke);
  const name = target.file.filename;
  useEffect(() => frame.current?.focus(), []);
  useEffect(() => {
    inside.current = {
      leave: () => (stroke.current?.isGoingOn() === true ? stroke.current.drop() : session.leave()),
      onKey: (event) => {
        const action = event.defaultPrevented ? null : actionOf(event);
        if (action === null) return;
        event.preventDefault();
        if (!session.isBusy) actions[action]();
      },
    };
  });
  return (
    <>
      <Heading session={session} actions={actions} view={controls.view} name={name} />
      {session.problem !== null && (
        <p className="mask-problem" role="alert">
          {session.problem}
        </p>
      )}
      <div className="mask-main" aria-busy={session.isBusy || undefined} inert={session.isBusy}>
        <ToolPanel
          tools={session.tools}
          largest={largest}
          onChange={session.setTools}
          onInvert={actions.invert}
          onClear={session.clear}
          onFill={session.fill}
        >
          {target.channel !== null && (
            <p className="mask-note">{t('mask.channelNote', { name: target.channel })}</p>
          )}
          <p className="mask-note mask-size">{t('mask.dimensions', { width: size[0], height: size[1] })}</p>
        </ToolPanel>
        <Stage
          frame={frame}
          picture={picture}
          name={name}
          mask={mask}
          tools={session.tools}
          controls={controls}
          stroke={stroke}
          onPaint={session.paint}
          onSay={session.say}
        />
      </div>
      <p className="visually-hidden" role="status">
        {session.said}
      </p>
    </>
  );
}
