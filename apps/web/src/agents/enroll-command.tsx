import { getReason } from '@it0/client/errors';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CodeBlock } from '../chat/thread/code-block.tsx';
import { Button, type ButtonProps } from '../ui/button.tsx';
import { Remark } from '../ui/guest-page.tsx';
import { useProblemOf } from '../ui/use-error-message.ts';
import { clock } from '../ui/use-seconds-left.ts';

type Make = () => Promise<void>;

/** Returns whether a host name is reachable only from its own machine. */
const isOwnName = (name: string) => /^(127(\.\d+){3}|\[::1]|(.+\.)?localhost)$/.test(name);

/** What is run on the other machine, as long as it is good. */
export function Command({ command, left, make }: { command: string; left: number; make: Make }) {
  const t = useTranslations('connect');
  if (left === 0)
    return (
      <>
        <p role="alert" className="text-warn">
          {t('expired')}
        </p>
        <MakeCommand look="solid" make={make}>
          {t('another')}
        </MakeCommand>
      </>
    );
  return (
    <>
      {isOwnName(location.hostname) && <Remark>{t('ownName', { server: location.origin })}</Remark>}
      <div className="grid grid-cols-1 gap-2">
        <p>{t('run')}</p>
        <CodeBlock code={command} language="sh" wraps />
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <p className="text-faint text-sm tabular-nums">{t('good', { left: clock(left) })}</p>
          <MakeCommand look="plain" make={make} className="-mx-3.5">
            {t('replace')}
          </MakeCommand>
        </div>
      </div>
    </>
  );
}

type MakeProps = Pick<ButtonProps, 'look' | 'className'> & { make: Make; children: ReactNode };

/** Makes a command, or says beside itself why there is none. */
export function MakeCommand({ look, make, children, className }: MakeProps) {
  const t = useTranslations('connect');
  const problemOf = useProblemOf();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const press = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await make();
    } catch (error) {
      setProblem(getReason(error) === 'NOT_FOUND' ? t('noBridge') : problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid justify-items-start gap-2">
      <Button look={look} disabled={busy} aria-busy={busy} onClick={() => void press()} className={className}>
        {children}
      </Button>
      {problem && (
        <p role="alert" className="text-bad text-sm first-letter:uppercase">
          {problem}
        </p>
      )}
    </div>
  );
}
