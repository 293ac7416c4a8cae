/** A column: its title, and the function for the cell of a row. */
export type Column<Row> = [title: string, cell: (row: Row) => string];

/** Formats rows as a table for a terminal. The first column is left-aligned, the others right-aligned. */
export function formatTable<Row>(columns: Column<Row>[], rows: Row[]): string {
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  return lines
    .map((line) =>
      line.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))),
    )
    .map((line) => line.join('  '))
    .join('\n');
}
