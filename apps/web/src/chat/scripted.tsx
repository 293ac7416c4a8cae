import { useChatScope } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';
import { useAgent } from './agent.tsx';

/** Explains that replies are scripted, and how to configure a model. iAgent supports Anthropic only. */
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

const instanceSuggestions = ['what', 'code', 'status', 'disk', 'slow', 'error'] as const;
const assistantSuggestions = ['idle', 'failed', 'waiting'] as const;

/** Offers messages that the scripted model can answer. */
export function Suggestions({ className = 'flex-wrap justify-center' }: { className?: string }) {
  const t = useTranslations('scripted');
  const { chat } = useChatScope();
  const { instance } = useAgent();
  return (
    <fieldset aria-label={t('tries')} className={`flex min-w-0 gap-2 ${className}`}>
      {(instance ? instanceSuggestions : assistantSuggestions).map((key) => (
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
