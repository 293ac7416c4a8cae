import { Mic } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useStore } from 'zustand';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toast/toast.ts';
import type { Dictation } from './dictation.ts';
import { useVoiceStatus } from './use-voice-status.ts';

/** A press that is longer than a click records until the button is released. */
const HOLD_MS = 600;

type Props = { dictation: Dictation; disabled: boolean };

/** Starts and ends a dictation with clicks, or records while it is held down. Hidden until its status is known. */
export function DictationButton({ dictation, disabled }: Props) {
  const t = useTranslations('voice');
  const status = useVoiceStatus();
  const isRecording = useStore(dictation, ({ type }) => type === 'recording' || type === 'starting');
  const pressedAt = useRef<number>(null);
  if (!status.data) return null;
  const isConfigured = status.data.transcription !== null;
  const toggle = () => {
    if (isRecording) void dictation.finish();
    else if (isConfigured) void dictation.start();
    else toast.info(t('notConfigured'), { description: t('notConfiguredBody') });
  };
  const label = t(isRecording ? 'finish' : 'start');
  return (
    <Button
      data-testid="dictate"
      variant={isRecording ? 'danger' : 'ghost'}
      shape="icon"
      aria-label={label}
      title={label}
      disabled={disabled}
      onPointerDown={({ button, timeStamp }) => {
        if (button !== 0) return;
        pressedAt.current = isRecording ? null : timeStamp;
        toggle();
      }}
      onPointerUp={({ timeStamp }) => {
        if (pressedAt.current !== null && timeStamp - pressedAt.current > HOLD_MS) void dictation.finish();
        pressedAt.current = null;
      }}
      // Only of a key; a pointer has its own handlers.
      onClick={({ detail }) => detail === 0 && toggle()}
    >
      <Mic className="size-4.5" />
    </Button>
  );
}
