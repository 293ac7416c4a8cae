import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Section } from '../ui/section.tsx';
import { ModelPrices } from './model-prices.tsx';
import { listDays, sumByAgent, sumCosts, type UsageOfDay } from './sum-usage.ts';
import { useCosts } from './use-costs.ts';

const DAYS = 30;
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

/** The tasks of the last 30 days: a bar for each day, and a table of agents and persons. */
export function Usage() {
  const t = useTranslations('usage');
  const query = trpc.usage.byDay.useQuery({ days: DAYS, timeZone });
  return (
    <Section title={t('title')}>
      <QueryView query={query} failed={t('title')}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="text-faint text-sm">{t('none')}</p>
          ) : (
            <>
              <Chart rows={rows} />
              <Agents rows={sumByAgent(rows)} />
              <Total rows={rows} />
              <p className="text-faint text-sm">{t('note')}</p>
              <ModelPrices />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function Chart({ rows }: { rows: UsageOfDay[] }) {
  const t = useTranslations('usage');
  const format = useFormatter();
  const days = listDays(rows, { days: DAYS, now: Date.now(), timeZone });
  const max = Math.max(1, ...days.map(({ tasks }) => tasks));
  return (
    <ol aria-label={t('chart')} className="flex h-24 items-end gap-px border-line border-b sm:gap-1">
      {days.map(({ day, tasks }) => {
        const name = format.dateTime(new Date(`${day}T00:00:00Z`), { day: 'numeric', month: 'short', timeZone: 'UTC' });
        const label = t('day', { day: name, count: tasks });
        return (
          <li key={day} title={label} className="flex h-full flex-1 items-end">
            <span className="sr-only">{label}</span>
            <span
              className="w-full rounded-t-sm bg-accent"
              style={{ height: `${(tasks / max) * 100}%`, minHeight: tasks > 0 ? 2 : 0 }}
            />
          </li>
        );
      })}
    </ol>
  );
}

/** The costs of all tasks, and how many tasks they do not include. */
function Total({ rows }: { rows: UsageOfDay[] }) {
  const t = useTranslations('usage');
  const formatCosts = useCosts();
  const costs = sumCosts(rows.flatMap((row) => row.costs));
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced, 0);
  if (costs.length === 0) return null;
  return (
    <p className="text-sm">
      {t('total', { costs: formatCosts(costs) })}
      {unpriced > 0 && <span className="text-faint"> {t('unpriced', { count: unpriced })}</span>}
    </p>
  );
}

/** Number of rows that are shown at first. */
const FIRST = 10;

function Agents({ rows }: { rows: UsageOfDay[] }) {
  const t = useTranslations('usage');
  const [isWhole, setWhole] = useState(rows.length <= FIRST);
  return (
    <>
      <Table rows={isWhole ? rows : rows.slice(0, FIRST)} />
      {!isWhole && (
        <div>
          <Button onClick={() => setWhole(true)}>{t('showAll', { count: rows.length })}</Button>
        </div>
      )}
    </>
  );
}

function Table({ rows }: { rows: UsageOfDay[] }) {
  const t = useTranslations('usage');
  const format = useFormatter();
  const formatCosts = useCosts();
  const columns = ['agent', 'person', 'tasks', 'failed', 'duration', 'input', 'output', 'cost'] as const;
  const toMinutes = (seconds: number) => format.number(Math.ceil(seconds / 60), { style: 'unit', unit: 'minute' });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
    <section className="overflow-x-auto" aria-label={t('table')} tabIndex={0}>
      <table className="w-full whitespace-nowrap text-left text-sm tabular-nums">
        <thead className="text-faint text-xs">
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" className={`py-1 pr-4 font-medium ${index > 1 ? 'text-right' : ''}`}>
                {t(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => {
            const tokens = (count: number) => (row.counted > 0 ? format.number(count) : t('unknown'));
            const numbers = [format.number(row.tasks), format.number(row.failed), toMinutes(row.seconds)];
            return (
              <tr key={`${row.instanceId} ${row.ownerId}`}>
                <td className="max-w-48 truncate py-2 pr-4">{row.instanceName ?? 'iAgent'}</td>
                <td className="max-w-48 truncate py-2 pr-4">{row.ownerName || t('former')}</td>
                {[...numbers, tokens(row.inputTokens), tokens(row.outputTokens), formatCosts(row.costs)].map(
                  (text, index) => (
                    <td key={columns[index + 2]} className="py-2 pr-4 text-right">
                      {text}
                    </td>
                  ),
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
