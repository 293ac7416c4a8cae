import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Callout } from '../../ui/callout.tsx';
import { useInstances } from '../use-instances.ts';
import { ConnectProgress } from './connect-progress.tsx';
import { CreateCommandButton, EnrollCommand } from './enroll-command.tsx';
import { useEnrollment } from './use-enrollment.ts';

type Props = { instance: Instance; onDone(): void };

/** Shows the command that enrolls a bridge on another machine, and its progress. */
export default function Connect({ instance: initial, onDone }: Props) {
  const t = useTranslations('connect');
  const instance = useInstances().data?.find(({ id }) => id === initial.id) ?? initial;
  const { command, left, isEnrolled, create } = useEnrollment(instance);
  const { name, host, model } = instance;
  return (
    <>
      {!isEnrolled && (
        <>
          {host && <Callout role="alert">{t('moving', { name, host })}</Callout>}
          {command ? (
            <EnrollCommand command={command} left={left} create={create} />
          ) : (
            <>
              <p className="text-soft">{t('lead', { name })}</p>
              <CreateCommandButton variant="solid" create={create}>
                {t('show')}
              </CreateCommandButton>
            </>
          )}
        </>
      )}
      <ConnectProgress instance={instance} isEnrolled={isEnrolled} isWaiting={left > 0} onDone={onDone} />
      {!isEnrolled && <Requirements needsModelKey={model?.provider === 'server'} />}
    </>
  );
}

/** Requirements of the bridge on its machine. */
function Requirements({ needsModelKey }: { needsModelKey: boolean }) {
  const t = useTranslations('connect');
  return (
    <div className="text-sm">
      <h3 className="font-medium">{t('needs')}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-5 text-soft marker:text-faint [overflow-wrap:anywhere]">
        <li>{t('needsNode')}</li>
        <li>{t('needsWay', { server: location.origin })}</li>
        {needsModelKey && <li>{t('needsKey')}</li>}
        <li>{t('needsLife')}</li>
      </ul>
    </div>
  );
}
