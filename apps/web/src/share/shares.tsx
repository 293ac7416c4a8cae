import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Row, Rows } from '../ui/section.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { ShareForm } from './share-form.tsx';

type Share = inferRouterOutputs<AppRouter>['instance']['shares'][number];

/** Lists the people and roles an agent is shared with, with a form for another one. */
export default function Shares({ instanceId }: { instanceId: string }) {
  const t = useTranslations('share');
  const query = trpc.instance.shares.useQuery({ instanceId });
  return (
    <>
      <ShareForm instanceId={instanceId} />
      <QueryView query={query} failed={t('failed')}>
        {(shares) => (
          <div className="grid gap-2">
            <h3 className="font-medium text-sm">{t('current')}</h3>
            {shares.length === 0 && <p className="text-faint text-sm">{t('none')}</p>}
            <Rows>
              {shares.map((share) => (
                <ShareRow key={share.id} instanceId={instanceId} share={share} />
              ))}
            </Rows>
          </div>
        )}
      </QueryView>
    </>
  );
}

function ShareRow({ instanceId, share: { id, name, role } }: { instanceId: string; share: Share }) {
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  const { busy, run } = useAction();
  const who = role ? t(`share.role.${role}`) : (name ?? '');
  const remove = async () => {
    await client.instance.unshare.mutate({ instanceId, shareId: id });
    await instance.shares.invalidate({ instanceId });
  };
  return (
    <Row
      actions={
        <Button disabled={busy} aria-label={t('share.remove', { who })} onClick={() => run(remove)}>
          {t('share.removeShort')}
        </Button>
      }
    >
      {who}
    </Row>
  );
}
