import type { Instance } from '@it0/client/chat-source';
import { EllipsisVertical } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { loadAfterFirstView } from '../../frame/first-view.ts';
import { usePermission } from '../../sign-in/use-me.ts';

const Manage = lazy(loadAfterFirstView(() => import('./manage.tsx')));

/** Menu of an agent. Shown only to its owner with the permission to manage agents. */
export function ManageButton({ instance, className }: { instance: Instance; className?: string }) {
  const canManage = usePermission('instance:manage');
  if (!instance.mine || !canManage) return null;
  return (
    <Suspense
      fallback={
        <span className={`grid size-9 place-content-center text-faint pointer-coarse:size-11 ${className}`}>
          <EllipsisVertical className="size-4.5" />
        </span>
      }
    >
      <Manage instance={instance} className={className} />
    </Suspense>
  );
}
