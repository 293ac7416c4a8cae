import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { ServerForm } from '../ui/form/form.tsx';
import { useAgo } from '../ui/time/use-ago.ts';

type Key = inferRouterOutputs<AppRouter>['account']['keys'][number];
type Props<T extends { endKeys: boolean }> = { form: ServerForm<T>; keys: Key[] };

/** Lists the API keys of an account, with a checkbox to end them. Renders nothing when there are none. */
export function EndKeys<T extends { endKeys: boolean }>({ form: { methods }, keys }: Props<T>) {
  const t = useTranslations('keys');
  const ago = useAgo();
  if (keys.length === 0) return null;
  return (
    <div className="grid gap-2 rounded-lg border border-line bg-panel px-4 py-3">
      <label className="flex min-h-8 items-center gap-2.5 font-medium pointer-coarse:min-h-11">
        <input type="checkbox" className="size-4 shrink-0 accent-accent" {...methods.register('endKeys' as Path<T>)} />
        {t('end', { count: keys.length })}
      </label>
      <p className="text-faint text-sm">{t('endBody')}</p>
      <ul className="grid max-h-48 gap-1.5 overflow-y-auto text-sm">
        {keys.map(({ id, name, start, tenantName, lastUsedAt }) => (
          <li key={id} className="[overflow-wrap:anywhere]">
            {name} <code className="font-mono text-faint">{start}…</code>
            <p className="text-faint">
              {tenantName} · {lastUsedAt ? t('used', { when: ago(lastUsedAt) }) : t('unused')}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}
