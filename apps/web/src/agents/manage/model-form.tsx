import type { Instance } from '@it0/client/chat-source';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../../trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { toast } from '../../ui/toast/toast.ts';
import { useErrorMessage } from '../../ui/use-error-message.ts';
import { isRemote, isUnconnected } from '../agent-status.ts';
import { ModelFields, toModelInput, toModelValues } from '../model-fields.tsx';

/** Form for the model of an agent, with a button that tests it. */
export function ModelForm({ instance: current }: { instance: Instance }) {
  const { id: instanceId, model } = current;
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  const form = useServerForm(toModelValues(model), async (values) => {
    await client.instance.setModel.mutate({ instanceId, model: toModelInput(values) });
    form.methods.resetField('key');
    await instance.list.invalidate();
    toast.success(t(isUnconnected(current) ? 'form.saved' : 'manage.modelSaved'));
  });
  // Only the remote machine knows the model that its bridge was started with.
  const canTest = form.methods.watch('provider') !== 'server' || !isRemote(current);
  return (
    <Form form={form}>
      <ModelFields form={form} hasKey={model?.hasKey} isRemote={isRemote(current)} />
      <div className="flex flex-wrap items-center gap-2">
        <Submit form={form}>{t('form.save')}</Submit>
        {canTest && (
          <TestButton
            test={() => client.instance.testModel.mutate({ instanceId, model: toModelInput(form.methods.getValues()) })}
          />
        )}
      </div>
      {canTest && isRemote(current) && <p className="text-faint text-sm">{t('manage.testFromHere')}</p>}
    </Form>
  );
}

type Test = Awaited<ReturnType<typeof client.instance.testModel.mutate>>;

function TestButton({ test }: { test(): Promise<Test> }) {
  const t = useTranslations();
  const formatError = useErrorMessage();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ ok: boolean; text: string }>();
  const run = async () => {
    setBusy(true);
    setResult(undefined);
    try {
      const { reason, status } = await test();
      const problem = reason && `${t(`reasons.${reason}`)}${status ? ` (${status})` : ''}`;
      setResult({ ok: !problem, text: problem ?? t('manage.modelAnswers') });
    } catch (error) {
      setResult({ ok: false, text: formatError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button disabled={busy} aria-busy={busy} onClick={() => void run()}>
        {t('manage.test')}
      </Button>
      <p role="status" className={`text-sm first-letter:uppercase ${result?.ok ? 'text-accent' : 'text-bad'}`}>
        {result?.text}
      </p>
    </>
  );
}
