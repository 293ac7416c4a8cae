import type { Instance } from '@it0/client/chat-source';
import { EllipsisVertical } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { usePermission } from '../sign-in/use-me.ts';

const Manage = lazy(() => import('./manage.tsx'));

/** What can be done with an agent of one's own; only for whoever may. */
export function ManageButton({ instance }: { instance: Instance }) {
  const manages = usePermission('instance:manage');
  if (!instance.mine || !manages) return null;
  return (
    <Suspense
      fallback={
        <span className="grid size-9 place-content-center text-faint pointer-coarse:size-11">
          <EllipsisVertical className="size-4.5" />
        </span>
      }
    >
      <Manage instance={instance} />
    </Suspense>
  );
}
