import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { CopiedText } from '../ui/copy/copied-text.tsx';
import { CodeField } from '../ui/form/code-field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { toast } from '../ui/toast/toast.ts';
import { type NewSecondFactor, useRefreshAccount } from './account.ts';
import { BackupCodes } from './backup-codes.tsx';
import { QrCode } from './qr-code.tsx';

type Props = { factor: NewSecondFactor; onCancel(): void; onDone(): void };

/** Steps to set up a second factor. It takes effect when the first code is confirmed. */
export function SetUpFactor({ factor: { uri, secret, backupCodes }, onCancel, onDone }: Props) {
  const t = useTranslations();
  const refresh = useRefreshAccount();
  const form = useServerForm({ code: '' }, async ({ code }) => {
    await client.secondFactor.confirm.mutate({ code: code.replaceAll(' ', '') });
    await refresh();
    onDone();
    toast.success(t('account.factorTurnedOn'));
  });
  return (
    <ol className="grid min-w-0 list-decimal grid-cols-1 gap-5 pl-5 marker:text-faint">
      <li>
        <div className="grid min-w-0 grid-cols-1 gap-3">
          <p>{t('account.factorScan')}</p>
          <QrCode text={uri} label={t('account.factorQr')} />
          <CopiedText text={secret} label={t('account.factorSecret')} />
        </div>
      </li>
      <li>
        <BackupCodes codes={backupCodes} />
      </li>
      <li>
        <Form form={form}>
          <p>{t('account.factorConfirm')}</p>
          <CodeField form={form} name="code" />
          <div className="flex flex-wrap gap-2">
            <Submit form={form}>{t('account.factorTurnOn')}</Submit>
            <Button onClick={onCancel}>{t('app.cancel')}</Button>
          </div>
        </Form>
      </li>
    </ol>
  );
}
