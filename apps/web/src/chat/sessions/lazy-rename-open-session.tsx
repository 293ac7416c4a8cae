import { type ComponentProps, lazy, Suspense } from 'react';
import { useWasOpen } from '../../ui/dialog/use-was-open.ts';

const RenameOpenSession = lazy(() =>
  import('./rename-open-session.tsx').then((module) => ({ default: module.RenameOpenSession })),
);

/** Dialog that renames the session of the chat, whose code is loaded when it is opened for the first time. */
export const LazyRenameOpenSession = (props: ComponentProps<typeof RenameOpenSession>) =>
  useWasOpen(props.open) && (
    <Suspense>
      <RenameOpenSession {...props} />
    </Suspense>
  );
