import { useChatScope } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';
import { useAgent } from './agent.tsx';

/** Says plainly that no model answers, and what to do for one: iAgent takes Anthropic’s key alone. */
export function ScriptedNotice() {
  const t = useTranslations('scripted');
  const { instance } = useAgent();
  return (
    <div className="rounded-xl border border-warn/35 bg-warn-wash px-4 py-3 text-left text-sm">
      <p className="font-semibold text-warn">{t('title')}</p>
      <p className="mt-1 text-soft">{t(instance ? 'body' : 'assistantBody')}</p>
    </div>
  );
}

const tries = ['what', 'code', 'status', 'disk', 'slow', 'error'] as const;
const assistantTries = ['idle', 'failed', 'waiting'] as const;

/** Messages that the scripted model knows what to do with. */
export function Suggestions({ className = 'flex-wrap justify-center' }: { className?: string }) {
  const t = useTranslations('scripted');
  const { chat } = useChatScope();
  const { instance } = useAgent();
  return (
    <fieldset
      aria-label={t('tries')}
      className={`flex min-w-0 gap-2 overflow-x-auto [scrollbar-width:none] ${className}`}
    >
      {(instance ? tries : assistantTries).map((key) => (
        <button
          key={key}
          type="button"
          onClick={() => chat.send(t(`try.${key}`))}
          className="min-h-8 shrink-0 rounded-full border border-line px-3 text-sm text-soft hover:border-line-strong hover:bg-raised hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2"
        >
          {t(`try.${key}`)}
        </button>
      ))}
    </fieldset>
  );
}
