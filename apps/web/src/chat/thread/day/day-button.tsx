import { useChatScope } from '@it0/client/react/chat-scope';
import { CalendarDays } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { serverNow } from '../../../trpc.ts';
import { toast } from '../../../ui/toast/toast.ts';
import { useErrorMessage } from '../../../ui/use-error-message.ts';
import { useDayFormat } from './use-day-format.ts';

/** Button with the day of the messages at the top, above which it floats. It opens a calendar to go to another day. */
export function DayButton({ at }: { at: string }) {
  const t = useTranslations('chat');
  const day = useDayFormat()(at);
  const picker = useRef<HTMLInputElement>(null);
  const showDay = useShowDay();
  return (
    <div className="-translate-x-1/2 absolute top-2 left-1/2 animate-fade-in">
      <input
        ref={picker}
        type="date"
        data-testid="day-picker"
        max={toInputDate(new Date(serverNow()))}
        // A new field for each day, so that the calendar opens there.
        key={toInputDate(new Date(at))}
        defaultValue={toInputDate(new Date(at))}
        onChange={(event) => event.target.value && void showDay(event.target.value)}
        // Only the place of the calendar, which the button opens.
        tabIndex={-1}
        aria-hidden="true"
        className="pointer-events-none absolute inset-0 opacity-0"
      />
      <button
        type="button"
        title={t('goToDay')}
        aria-label={`${day}. ${t('goToDay')}`}
        onClick={() => picker.current?.showPicker()}
        className="relative flex items-center gap-1.5 whitespace-nowrap rounded-full border border-line bg-raised px-3 py-1 text-soft text-xs shadow-(--shadow) hover:text-ink pointer-coarse:min-h-11"
      >
        <CalendarDays className="size-3.5" />
        {day}
      </button>
    </div>
  );
}

/** Returns a function that shows the first message from a local day on. */
function useShowDay() {
  const t = useTranslations('chat');
  const formatError = useErrorMessage();
  const { chat } = useChatScope();
  return async (day: string) => {
    const at = new Date(`${day}T00:00`).toISOString();
    try {
      if (!(await chat.showMessage({ at }))) toast(t('noneSinceDay'));
    } catch (error) {
      toast.error(formatError(error));
    }
  };
}

/** Formats a local day as the value of a date field. */
const toInputDate = (date: Date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
