import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { CopiedText } from '../ui/copy/copied-text.tsx';
import { ConfirmButton, Dialog } from '../ui/dialog/dialog.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Row, Rows, Section } from '../ui/section.tsx';
import { useAgo } from '../ui/time/use-ago.ts';
import { useNow } from '../ui/time/use-now.ts';
import { ApiKeyForm } from './api-key-form.tsx';
import type { ApiKey } from './organization.ts';

/** Lists the user's API keys in this organization. */
export function ApiKeys() {
  const t = useTranslations('apiKeys');
  const query = trpc.apiKey.list.useQuery();
  const [open, setOpen] = useState(false);
  const [created, setCreated] = useState<{ name: string; key: string } | null>(null);
  return (
    <Section title={t('title')}>
      <p className="text-soft">{t('body')}</p>
      <QueryView query={query} failed={t('title')}>
        {(keys) =>
          keys.length === 0 ? (
            <p className="text-faint text-sm">{t('empty')}</p>
          ) : (
            <Rows>
              {keys.map((key) => (
                <KeyRow key={key.id} apiKey={key} />
              ))}
            </Rows>
          )
        }
      </QueryView>
      <Dialog
        title={created ? t('newKey', { name: created.name }) : t('create')}
        open={open}
        onOpenChange={(isOpen) => {
          setOpen(isOpen);
          if (isOpen) setCreated(null);
        }}
        trigger={<Button className="justify-self-start">{t('create')}</Button>}
      >
        {created ? (
          <>
            <p className="text-soft">{t('newKeyBody')}</p>
            <CopiedText text={created.key} label={t('newKey', { name: created.name })} />
          </>
        ) : (
          <ApiKeyForm onCreated={setCreated} />
        )}
      </Dialog>
    </Section>
  );
}

function KeyRow({ apiKey: { id, name, start, scopes, expiresAt, lastUsedAt } }: { apiKey: ApiKey }) {
  const t = useTranslations('apiKeys');
  const ago = useAgo();
  const utils = trpc.useUtils();
  const remove = async () => {
    await client.apiKey.remove.mutate({ id });
    await utils.apiKey.list.invalidate();
    return t('removed', { name });
  };
  return (
    <Row
      actions={
        <ConfirmButton
          title={t('removeTitle', { name })}
          body={t('removeBody')}
          action={t('remove')}
          label={t('removeOf', { name })}
          onConfirm={remove}
        />
      }
    >
      <p className="font-medium">
        {name} <code className="ml-1 whitespace-nowrap font-mono font-normal text-faint text-sm">{start}…</code>
      </p>
      <p className="text-soft text-sm">{scopes.map((scope) => t(`scope.${scope}`)).join(' · ')}</p>
      <p className="text-faint text-sm">
        <Expiry at={expiresAt} /> · {lastUsedAt ? t('used', { when: ago(lastUsedAt) }) : t('unused')}
      </p>
    </Row>
  );
}

function Expiry({ at }: { at: string | null }) {
  const t = useTranslations('apiKeys');
  const format = useFormatter();
  const now = useNow(60_000);
  if (!at) return t('endsNever');
  const when = format.dateTime(new Date(at), { day: 'numeric', month: 'short', year: 'numeric' });
  return Date.parse(at) < now ? <span className="text-bad">{t('ended', { when })}</span> : t('ends', { when });
}
