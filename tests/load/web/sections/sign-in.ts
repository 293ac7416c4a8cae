import type { Bench } from '../bench.ts';
import { toWebRow } from '../report.ts';
import { countBytes, openTab } from '../tab.ts';

const FIELD = 'input[type=email], input[name=email]';

/** Measures the bytes on the wire of the sign-in page. */
export async function signIn(bench: Bench) {
  const measure = async (origin: string, path: string) => {
    await using tab = await openTab(bench.browser, { origin });
    const bytes = countBytes(tab.cdp);
    await tab.page.goto(origin + path, { waitUntil: 'networkidle' });
    await tab.page.locator(FIELD).first().waitFor();
    return bytes.all / 1_000;
  };
  const value = await measure(bench.url, '/');
  const baseline = await measure(bench.baseline.url, '/sign-in');
  return [toWebRow('sign-in page, kB on the wire', { value, baseline }, { atMost: 90 })];
}
