import type { MathToken } from '@it0/client/markdown/math';
import { useEffect, useRef, useState } from 'react';

/** Formula, set as MathML once the typesetter is loaded. One that is not valid stays as it is written. */
export function Formula({ math: { raw, text, display } }: { math: MathToken }) {
  const box = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void import('temml')
      .then(({ default: temml }) => {
        if (!isCurrent || !box.current) return;
        temml.render(text, box.current, { displayMode: display, throwOnError: true, trust: false, maxExpand: 200 });
        setShown(text);
      })
      .catch(() => isCurrent && setShown(null));
    return () => {
      isCurrent = false;
    };
  }, [text, display]);
  const isSet = shown === text;
  return (
    <>
      <span ref={box} dir="ltr" hidden={!isSet} className={display ? 'block overflow-x-auto py-1' : undefined} />
      {!isSet && (
        <code dir="ltr" className={display ? 'block overflow-x-auto' : undefined}>
          {raw}
        </code>
      )}
    </>
  );
}
