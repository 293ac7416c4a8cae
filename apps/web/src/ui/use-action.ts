import { useState } from 'react';
import { toast } from 'sonner';
import { useProblemOf } from './use-error-message.ts';

/** What a button does: `busy` meanwhile; afterwards the word that the work answers, if any, or why it was refused. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const problemOf = useProblemOf();
  const act = async (work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      const word = await work();
      if (typeof word === 'string') toast.success(word);
    } catch (error) {
      toast.error(capital(problemOf(error)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, act: (work: () => Promise<unknown>) => void act(work) };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
