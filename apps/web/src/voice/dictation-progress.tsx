import { Check, RotateCw, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useStore } from 'zustand';
import { Button } from '../ui/button.tsx';
import { formatClock } from '../ui/time/use-seconds-left.ts';
import { useFailureMessage } from '../ui/use-error-message.ts';
import type { Dictation, DictationState } from './dictation.ts';
import { useVoiceStatus } from './use-voice-status.ts';

/** Content of a `DictationBar`. */
export default function DictationProgress({ dictation }: { dictation: Dictation }) {
  const t = useTranslations();
  const state = useStore(dictation);
  return (
    <div
      data-testid="dictation"
      data-state={state.type}
      className="mb-2 flex items-center gap-2.5 rounded-xl border border-line-strong bg-panel py-1.5 pr-1.5 pl-3 text-sm"
    >
      {state.type === 'recording' ? (
        <Meter {...state} />
      ) : (
        <p role="status" className="min-w-0 flex-1">
          <Message state={state} />
        </p>
      )}
      {state.type === 'recording' && <Destination />}
      {state.type === 'failed' && (
        <Button onClick={() => void dictation.retry()}>
          <RotateCw className="size-4" />
          {t('app.retry')}
        </Button>
      )}
      <Button variant="ghost" onClick={dictation.cancel}>
        <X className="size-4" />
        {t(isOver(state) ? 'app.close' : 'voice.discard')}
      </Button>
      {state.type === 'recording' && (
        <Button data-testid="dictation-done" variant="solid" onClick={() => void dictation.finish()}>
          <Check className="size-4" />
          {t('app.done')}
        </Button>
      )}
    </div>
  );
}

/** Says where the recording is sent to. */
function Destination() {
  const t = useTranslations('voice');
  const { data } = useVoiceStatus();
  if (!data?.transcription) return null;
  const { host } = data.transcription;
  return (
    <span className="hidden min-w-0 shrink truncate pl-2 text-faint text-xs sm:inline">
      {host === null ? t('scripted') : t('sentTo', { host })}
    </span>
  );
}

/** Returns whether there is no recording to discard. */
const isOver = ({ type }: DictationState) => type === 'empty' || type === 'blocked';

function Message({ state }: { state: DictationState }) {
  const t = useTranslations('voice');
  const formatFailure = useFailureMessage();
  if (state.type === 'failed')
    return t('failed', { reason: formatFailure({ reason: state.reason, retryAfter: null }) });
  if (state.type === 'blocked') return t(`problem.${state.problem}`);
  if (state.type === 'idle' || state.type === 'recording') return null;
  return t(state.type);
}

const BARS = 16;

function Meter({ level, seconds }: { level: number; seconds: number }) {
  const t = useTranslations('voice');
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2.5">
      <span className="size-2.5 shrink-0 animate-breathe rounded-full bg-bad" />
      <span role="status" className="sr-only">
        {t('recording')}
      </span>
      <div aria-hidden className="flex h-5 items-center gap-0.5">
        {Array.from({ length: BARS }, (_, bar) => (
          <span
            key={bar}
            className={`w-1 rounded-full ${level * BARS > bar ? 'h-5 bg-accent' : 'h-1.5 bg-line-strong'}`}
          />
        ))}
      </div>
      <time className="text-soft tabular-nums">{formatClock(Math.floor(seconds))}</time>
    </div>
  );
}
