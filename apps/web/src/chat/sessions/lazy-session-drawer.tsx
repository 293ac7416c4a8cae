import { type ComponentProps, lazy, Suspense } from 'react';
import { useWasOpen } from '../../ui/dialog/use-was-open.ts';

const SessionDrawer = lazy(() => import('./session-drawer.tsx').then((module) => ({ default: module.SessionDrawer })));

/** Drawer with the agent's sessions, whose code is loaded when it is opened for the first time. */
export const LazySessionDrawer = (props: ComponentProps<typeof SessionDrawer>) =>
  useWasOpen(props.open) && (
    <Suspense>
      <SessionDrawer {...props} />
    </Suspense>
  );
