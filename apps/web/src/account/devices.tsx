import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmButton } from '../ui/dialog/dialog.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Row, Rows, Section } from '../ui/section.tsx';
import { useAgo } from '../ui/time/use-ago.ts';
import { useAction } from '../ui/toast/use-action.ts';
import type { Device } from './account.ts';
import { parseUserAgent } from './user-agent.ts';

/** Lists the user's login sessions, which can be ended. */
export function Devices() {
  const t = useTranslations('account');
  const { device } = trpc.useUtils();
  const query = trpc.device.list.useQuery(undefined, { refetchOnWindowFocus: 'always' });
  const revokeOthers = async () => {
    await client.device.revokeOthers.mutate();
    await device.list.invalidate();
  };
  return (
    <Section title={t('devices')}>
      <p className="text-soft">{t('devicesBody')}</p>
      <QueryView query={query} failed={t('failed')}>
        {(devices) => (
          <>
            <Rows>
              {devices.map((one) => (
                <DeviceRow key={one.id} device={one} />
              ))}
            </Rows>
            {devices.length > 1 && (
              <ConfirmButton
                title={t('revokeOthers')}
                body={t('revokeOthersBody')}
                action={t('revokeOthers')}
                className="justify-self-start"
                onConfirm={revokeOthers}
              />
            )}
          </>
        )}
      </QueryView>
    </Section>
  );
}

function DeviceRow({ device: { id, userAgent, ip, signedInAt, isThis } }: { device: Device }) {
  const t = useTranslations('account');
  const ago = useAgo();
  const utils = trpc.useUtils();
  const { busy, run } = useAction();
  const { browser, system } = parseUserAgent(userAgent);
  const revoke = async () => {
    await client.device.revoke.mutate({ id });
    await utils.device.list.invalidate();
    return t('revoked');
  };
  return (
    <Row
      actions={
        !isThis && (
          <Button disabled={busy} onClick={() => run(revoke)}>
            {t('revoke')}
          </Button>
        )
      }
    >
      <p data-testid="device" className="font-medium">
        {browser && system ? t('onSystem', { browser, system }) : (browser ?? t('unknownDevice'))}
        {isThis && <span className="ml-2 rounded-md bg-accent-wash px-1.5 text-accent text-xs">{t('thisDevice')}</span>}
      </p>
      <p className="text-faint text-sm">{[t('signedIn', { when: ago(signedInAt) }), ip].filter(Boolean).join(' · ')}</p>
    </Row>
  );
}
