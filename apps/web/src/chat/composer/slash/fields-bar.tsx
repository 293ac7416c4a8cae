import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import type { Fields } from './use-fields.ts';

/** Number of fields of a prompt that are left, with a button to the next one for screens without a Tab key. */
export function FieldsBar({ fields: { count, select } }: { fields: Fields }) {
  const t = useTranslations('slash');
  if (count === 0) return null;
  return (
    <div className="flex items-center justify-between gap-2 pb-2 text-soft text-sm">
      <span role="status">{t('fields', { count })}</span>
      <Button variant="ghost" onPointerDown={(event) => event.preventDefault()} onClick={() => select(1)}>
        {t('nextField')}
      </Button>
    </div>
  );
}
