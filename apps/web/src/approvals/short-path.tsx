import { listConcerns, splitVisible } from '@it0/client/visible-text';
import { VisibleText } from '../ui/visible-text.tsx';

/** Parts at the end of a path that are shown. */
const SHOWN_PARTS = 2;

/** End of a path, with the full path as its title. A path with characters that are hard to see is shown in full. */
export function ShortPath({ path }: { path: string }) {
  const parts = path.split('/').filter(Boolean);
  const isLong = parts.length > SHOWN_PARTS && listConcerns(splitVisible(path)).length === 0;
  const short = isLong ? `…/${parts.slice(-SHOWN_PARTS).join('/')}` : path;
  return (
    <code className="font-mono text-soft [overflow-wrap:anywhere]" title={isLong ? path : undefined}>
      {isLong ? short : <VisibleText text={path} />}
    </code>
  );
}
