import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Remark } from '../ui/guest-page.tsx';
import { Arrival } from './connect-progress.tsx';
import { Command, MakeCommand } from './enroll-command.tsx';
import { useEnrollment } from './use-enrollment.ts';
import { useInstances } from './use-instances.ts';

type Props = { instance: Instance; onDone(): void };

/** How an agent gets to another machine: the command that starts its bridge there, and what becomes of it. */
export default function Connect({ instance: given, onDone }: Props) {
  const t = useTranslations('connect');
  const instance = useInstances().data?.find(({ id }) => id === given.id) ?? given;
  const { command, left, isHere, make } = useEnrollment(instance);
  const { name, host, model } = instance;
  return (
    <>
      {!isHere && (
        <>
          {host && <Remark role="alert">{t('moving', { name, host })}</Remark>}
          {command ? (
            <Command command={command} left={left} make={make} />
          ) : (
            <>
              <p className="text-soft">{t('lead', { name })}</p>
              <MakeCommand look="solid" make={make}>
                {t('show')}
              </MakeCommand>
            </>
          )}
        </>
      )}
      <Arrival instance={instance} isHere={isHere} isAwaited={left > 0} onDone={onDone} />
      {!isHere && <Needs ofModel={model?.provider === 'server'} />}
    </>
  );
}

/** What must be there before the command is run. */
function Needs({ ofModel }: { ofModel: boolean }) {
  const t = useTranslations('connect');
  return (
    <div className="text-sm">
      <h3 className="font-medium">{t('needs')}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-5 text-soft marker:text-faint [overflow-wrap:anywhere]">
        <li>{t('needsNode')}</li>
        <li>{t('needsWay', { server: location.origin })}</li>
        {ofModel && <li>{t('needsKey')}</li>}
        <li>{t('needsLife')}</li>
      </ul>
    </div>
  );
}
