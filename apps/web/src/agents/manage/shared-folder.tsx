import type { Instance } from '@it0/client/chat-source';
import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../../trpc.ts';
import { useAction } from '../../ui/toast/use-action.ts';

/** Shows the setting that allows tasks to write to the folder which all users of the agent read. */
export function SharedFolder({ instance: { id: instanceId, sharedFolderWritable } }: { instance: Instance }) {
  const t = useTranslations('manage');
  const id = useId();
  const { instance } = trpc.useUtils();
  const { busy, run } = useAction();
  const setWritable = (writable: boolean) =>
    run(async () => {
      const updated = await client.instance.setSharedFolder.mutate({ instanceId, writable });
      instance.byId.setData({ instanceId }, updated);
      await instance.list.invalidate();
    });
  return (
    <div className="grid grid-cols-1 gap-2">
      <label className="flex min-h-9 items-center gap-2.5 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          aria-describedby={id}
          checked={sharedFolderWritable}
          disabled={busy}
          onChange={(event) => setWritable(event.target.checked)}
          className="size-4 shrink-0 accent-accent"
        />
        {t('sharedWritable')}
      </label>
      <p id={id} className="text-soft text-sm">
        {t('sharedBody')}
      </p>
    </div>
  );
}
