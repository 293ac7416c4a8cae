import type { Instance } from '@it0/client/chat-source';
import { EllipsisVertical } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { Button } from '../../ui/button.tsx';

const load = () => import('./manage.tsx');
const Manage = lazy(load);
const preload = () => void load().catch(() => {});

/**
 * Menu of an agent. Shown only to its owner with the permission to manage agents. It is created when it is first opened:
 * a list has hundreds of them.
 */
export function ManageButton({ instance, className }: { instance: Instance; className?: string }) {
  const t = useTranslations('manage');
  const canManage = usePermission('instance:manage');
  const [openedBy, setOpenedBy] = useState<'keyboard' | 'pointer' | null>(null);
  if (!instance.mine || !canManage) return null;
  const button = (
    <Button
      variant="ghost"
      shape="icon"
      aria-label={t('menu', { name: instance.name })}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={preload}
      onFocus={preload}
      // A key clicks with the count 0.
      onClick={({ detail }) => setOpenedBy(detail === 0 ? 'keyboard' : 'pointer')}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        setOpenedBy('keyboard');
      }}
      className={className}
    >
      <EllipsisVertical className="size-4.5" />
    </Button>
  );
  if (!openedBy) return button;
  return (
    <Suspense fallback={button}>
      <Manage instance={instance} openedBy={openedBy} className={className} />
    </Suspense>
  );
}
