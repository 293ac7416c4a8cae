import type { Tokens } from '@it0/client/markdown/incremental-markdown';
import type { ReactNode } from 'react';

/** Width that a column has at least, so that its words wrap and the table scrolls only with many columns. */
const MIN_COLUMN_REM = 6;

type Props = { table: Tokens.Table; renderCell(cell: Tokens.TableCell): ReactNode };

/** Table whose cells wrap. */
export function Table({ table, renderCell }: Props) {
  const toCell = (Tag: 'th' | 'td') => (cell: Tokens.TableCell, index: number) => (
    <Tag key={index} dir="auto" style={{ textAlign: cell.align ?? undefined }}>
      {renderCell(cell)}
    </Tag>
  );
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full" style={{ minWidth: `${table.header.length * MIN_COLUMN_REM}rem` }}>
        <thead>
          <tr>{table.header.map(toCell('th'))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map(toCell('td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
