import type { Instance } from '@it0/client/chat-source';
import { EllipsisVertical, Pencil, Play, Plug, RotateCcw, Settings2, Square, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../../trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog/dialog.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import { useAction } from '../../ui/toast/use-action.ts';
import { isRemote, isUnconnected } from '../agent-status.ts';
import { ConnectDialog } from '../connect/connect-dialog.tsx';
import { Details } from './details.tsx';
import { RemoveForm } from './remove-form.tsx';
import { RenameForm } from './rename-form.tsx';

type Open = 'details' | 'rename' | 'connect' | 'stop' | 'remove' | null;

type Props = { instance: Instance; openedBy: 'keyboard' | 'pointer'; className?: string };

/** Menu of an agent with its dialogs. It opens when it is mounted. */
export default function Manage({ instance, openedBy, className }: Props) {
  const t = useTranslations('manage');
  const [open, setOpen] = useState<Open>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { run } = useAction();
  const lifecycle = useLifecycle(instance);
  const { name, status, runningTasks, host } = instance;
  const isStarted = status === 'RUNNING' || status === 'DEPLOYING';
  const stop = async () => {
    await lifecycle.stop();
    return host ? t('stoppedThere', { name, host }) : undefined;
  };
  const close = () => setOpen(null);
  const dialog = { onOpenChange: close, returnTo: () => button.current };
  return (
    <>
      <Menu
        openedBy={openedBy}
        className="min-w-56"
        trigger={
          <Button ref={button} variant="ghost" shape="icon" aria-label={t('menu', { name })} className={className}>
            <EllipsisVertical className="size-4.5" />
          </Button>
        }
      >
        <MenuItem icon={<Settings2 />} onSelect={() => setOpen('details')}>
          {t('details')}
        </MenuItem>
        {isRemote(instance) && (
          <MenuItem icon={<Plug />} onSelect={() => setOpen('connect')}>
            {t(isUnconnected(instance) ? 'connect' : 'move')}
          </MenuItem>
        )}
        <MenuItem icon={<Pencil />} onSelect={() => setOpen('rename')}>
          {t('rename')}
        </MenuItem>
        {!isStarted && (
          <MenuItem icon={<Play />} onSelect={() => run(lifecycle.start)}>
            {t('start')}
          </MenuItem>
        )}
        {status !== 'STOPPED' && !isUnconnected(instance) && (
          <>
            <MenuItem icon={<RotateCcw />} onSelect={() => run(lifecycle.restart)}>
              {t('restart')}
            </MenuItem>
            <MenuItem icon={<Square />} onSelect={() => (runningTasks > 0 ? setOpen('stop') : run(stop))}>
              {t('stop')}
            </MenuItem>
          </>
        )}
        <MenuSeparator />
        <MenuItem icon={<Trash2 />} onSelect={() => setOpen('remove')}>
          {t('remove')}
        </MenuItem>
      </Menu>
      <Dialog wide title={name} open={open === 'details'} {...dialog}>
        <Details instance={instance} />
      </Dialog>
      <ConnectDialog instance={instance} open={open === 'connect'} onClose={close} returnTo={dialog.returnTo} />
      <Dialog title={t('renameTitle', { name })} open={open === 'rename'} {...dialog}>
        <RenameForm instance={instance} onDone={close} />
      </Dialog>
      <Dialog title={t('removeTitle', { name })} open={open === 'remove'} {...dialog}>
        <RemoveForm instance={instance} onDone={close} />
      </Dialog>
      <Confirm
        title={t('stopTitle', { name })}
        body={t('stopBody', { count: runningTasks })}
        action={t('stop')}
        open={open === 'stop'}
        {...dialog}
        onConfirm={stop}
      />
    </>
  );
}

/** Returns functions that start, stop and restart an agent, and update it in the list. */
function useLifecycle({ id: instanceId }: Instance) {
  const { instance } = trpc.useUtils();
  const updateList = async (response: Promise<Instance>) => {
    const updated = await response;
    instance.list.setData(undefined, (list) => list?.map((one) => (one.id === updated.id ? updated : one)));
  };
  return {
    start: () => updateList(client.instance.start.mutate({ instanceId })),
    stop: () => updateList(client.instance.stop.mutate({ instanceId })),
    restart: () => updateList(client.instance.restart.mutate({ instanceId })),
  };
}
