import { useTranslations } from 'use-intl';

/** State of an item in a list of tasks. */
export function TaskBox({ isDone }: { isDone: boolean }) {
  const t = useTranslations('markdown');
  return (
    <input
      type="checkbox"
      checked={isDone}
      readOnly
      tabIndex={-1}
      aria-label={t(isDone ? 'done' : 'notDone')}
      className="pointer-events-none mr-2 align-middle"
    />
  );
}
