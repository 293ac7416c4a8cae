import { getReason } from '@it0/client/errors';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CodeBlock } from '../../chat/thread/markdown/code-block.tsx';
import { Button, type ButtonProps } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { formatClock } from '../../ui/time/use-seconds-left.ts';
import { useErrorMessage } from '../../ui/use-error-message.ts';

type Create = () => Promise<void>;

/** Returns whether a host name is reachable only from its own machine. */
const isLoopback = (name: string) => /^(127(\.\d+){3}|\[::1]|(.+\.)?localhost)$/.test(name);

/** Enrollment command with its remaining time, or a note that it has expired. */
export function EnrollCommand({ command, left, create }: { command: string; left: number; create: Create }) {
  const t = useTranslations('connect');
  if (left === 0)
    return (
      <>
        <p role="alert" className="text-warn">
          {t('expired')}
        </p>
        <CreateCommandButton variant="solid" create={create}>
          {t('another')}
        </CreateCommandButton>
      </>
    );
  return (
    <>
      {isLoopback(location.hostname) && <Callout role="alert">{t('ownName', { server: location.origin })}</Callout>}
      <div className="grid grid-cols-1 gap-2">
        <p>{t(isLoopback(location.hostname) ? 'runHere' : 'run')}</p>
        <CodeBlock code={command} language="sh" wraps />
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <p className="text-faint text-sm tabular-nums">{t('good', { left: formatClock(left) })}</p>
          <CreateCommandButton variant="ghost" create={create} className="-mx-3.5">
            {t('replace')}
          </CreateCommandButton>
        </div>
      </div>
    </>
  );
}

type CreateCommandProps = Pick<ButtonProps, 'variant' | 'className'> & { create: Create; children: ReactNode };

/** Button that creates an enrollment command, and shows the error if that fails. */
export function CreateCommandButton({ variant, create, children, className }: CreateCommandProps) {
  const t = useTranslations('connect');
  const formatError = useErrorMessage();
  const [busy, setBusy] = useState(false);
  const [errorText, setErrorText] = useState<string>();
  const onClick = async () => {
    setBusy(true);
    setErrorText(undefined);
    try {
      await create();
    } catch (error) {
      setErrorText(getReason(error) === 'NOT_FOUND' ? t('noBridge') : formatError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid justify-items-start gap-2">
      <Button variant={variant} disabled={busy} aria-busy={busy} onClick={() => void onClick()} className={className}>
        {children}
      </Button>
      {errorText && (
        <p role="alert" className="text-bad text-sm first-letter:uppercase">
          {errorText}
        </p>
      )}
    </div>
  );
}
