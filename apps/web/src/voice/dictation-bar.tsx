import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import type { Dictation } from './dictation.ts';

// Lazy, since most messages are typed.
const DictationProgress = lazy(() => import('./dictation-progress.tsx'));

/** Shows a dictation in progress, with its level and duration, and its result if there is no text. */
export function DictationBar({ dictation }: { dictation: Dictation }) {
  const isActive = useStore(dictation, ({ type }) => type !== 'idle');
  useCancelKey(dictation, isActive);
  return (
    isActive && (
      <Suspense>
        <DictationProgress dictation={dictation} />
      </Suspense>
    )
  );
}

/** Discards the dictation with Escape, before the key has any other effect. */
function useCancelKey(dictation: Dictation, isActive: boolean) {
  useEffect(() => {
    if (!isActive) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      dictation.cancel();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [dictation, isActive]);
}
