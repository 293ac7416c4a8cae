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
  const [isUsed, setUsed] = useState(false);
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
      onClick={() => setUsed(true)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        setUsed(true);
      }}
      className={className}
    >
      <EllipsisVertical className="size-4.5" />
    </Button>
  );
  if (!isUsed) return button;
  return (
    <Suspense fallback={button}>
      <Manage instance={instance} className={className} />
    </Suspense>
  );
}
