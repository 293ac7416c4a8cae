import type { Instance } from '@it0/client/chat-source';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { client, queryClient } from '../../trpc.ts';
import { toast, UNDO_MS } from '../../ui/toast/toast.ts';
import { useErrorMessage } from '../../ui/use-error-message.ts';
import { createRemovals } from './removals.ts';

export const removals = createRemovals(async (instanceId) => {
  await client.instance.remove.mutate({ instanceId });
  await queryClient.invalidateQueries({ queryKey: [['instance', 'list']] });
});

/** Returns a function that hides an agent, and removes it when the notification with “Undo” ends. */
export function useRemove() {
  const t = useTranslations('manage');
  const formatError = useErrorMessage();
  return ({ id, name }: Pick<Instance, 'id' | 'name'>) => {
    const finish = () => removals.finish(id).catch((error: unknown) => toast.error(formatError(error)));
    removals.add(id);
    toast(t('removed', { name }), {
      duration: UNDO_MS,
      action: { label: t('undo'), onClick: () => removals.undo(id) },
      onAutoClose: finish,
      onDismiss: finish,
    });
  };
}

/** Removes the agents at once when the page is left, since their removal was confirmed. */
export function useFinishRemovals() {
  useEffect(() => {
    const finish = () => {
      for (const instanceId of removals.getState().pending) {
        // Continues after the page has gone, unlike the requests of the client.
        void fetch('/trpc/instance.remove', {
          method: 'POST',
          keepalive: true,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ instanceId }),
        });
      }
    };
    window.addEventListener('pagehide', finish);
    return () => window.removeEventListener('pagehide', finish);
  }, []);
}
