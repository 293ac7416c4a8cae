import { useTranslations } from 'use-intl';
import { Dialog } from '../ui/dialog/dialog.tsx';
import { ShortcutList } from './shortcut-list.tsx';

/** Dialog with the keyboard shortcuts. */
export default function ShortcutSheet({ onOpenChange }: { onOpenChange(open: boolean): void }) {
  const t = useTranslations('commands');
  return (
    <Dialog open title={t('sheet')} onOpenChange={onOpenChange}>
      <ShortcutList />
    </Dialog>
  );
}
