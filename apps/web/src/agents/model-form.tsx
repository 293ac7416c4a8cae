import type { Instance } from '@it0/client/chat-source';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { useProblemOf } from '../ui/use-error-message.ts';
import { isRemote, isUnconnected } from './agent-status.ts';
import { givenModel, ModelFields, valuesOf } from './model-fields.tsx';

/** The model of an agent, and whether it answers. */
export function ModelForm({ instance: given }: { instance: Instance }) {
  const { id: instanceId, model } = given;
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  const form = useServerForm(valuesOf(model), async (values) => {
    await client.instance.setModel.mutate({ instanceId, model: givenModel(values) });
    form.form.resetField('key');
    await instance.list.invalidate();
    toast.success(t(isUnconnected(given) ? 'form.saved' : 'manage.modelSaved'));
  });
  // What a bridge on another host was started with, only that host knows.
  const isTested = form.form.watch('provider') !== 'server' || !isRemote(given);
  return (
    <Form of={form}>
      <ModelFields of={form} hasKey={model?.hasKey} isRemote={isRemote(given)} />
      <div className="flex flex-wrap items-center gap-2">
        <Submit of={form}>{t('form.save')}</Submit>
        {isTested && (
          <TestButton
            test={() => client.instance.testModel.mutate({ instanceId, model: givenModel(form.form.getValues()) })}
          />
        )}
      </div>
      {isTested && isRemote(given) && <p className="text-faint text-sm">{t('manage.testFromHere')}</p>}
    </Form>
  );
}

type Test = Awaited<ReturnType<typeof client.instance.testModel.mutate>>;

function TestButton({ test }: { test(): Promise<Test> }) {
  const t = useTranslations();
  const problemOf = useProblemOf();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ good: boolean; text: string }>();
  const run = async () => {
    setBusy(true);
    setSaid(undefined);
    try {
      const { reason, status } = await test();
      const why = reason && `${t(`reasons.${reason}`)}${status ? ` (${status})` : ''}`;
      setSaid({ good: !why, text: why ?? t('manage.modelAnswers') });
    } catch (error) {
      setSaid({ good: false, text: problemOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button disabled={busy} aria-busy={busy} onClick={() => void run()}>
        {t('manage.test')}
      </Button>
      <p role="status" className={`text-sm first-letter:uppercase ${said?.good ? 'text-accent' : 'text-bad'}`}>
        {said?.text}
      </p>
    </>
  );
}
