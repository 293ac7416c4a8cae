import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Lists the accessibility violations within the elements of a page as text: the rule and the elements. */
export async function listViolations(
  page: Page,
  scope: string,
  { rules, ...options }: RunOptions = {},
): Promise<string[]> {
  // Evaluated, since the content security policy of the page forbids inline scripts.
  if (!(await page.evaluate('Boolean(globalThis.axe)'))) await page.evaluate(source);
  const run: RunOptions = {
    resultTypes: ['violations'],
    rules: { 'label-content-name-mismatch': { enabled: true }, ...rules },
    ...options,
  };
  return page.evaluate(
    async ({ scope, run }) => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(scope, run);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    },
    { scope, run },
  );
}
