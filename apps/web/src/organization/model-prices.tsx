import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog/dialog.tsx';
import { Row, Rows } from '../ui/section.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { type ModelPrice, PriceForm } from './price-form.tsx';

/** The prices of the models that were used, which owners can change. */
export function ModelPrices() {
  const t = useTranslations('usage');
  const { data: models = [] } = trpc.usage.prices.useQuery();
  const canManage = usePermission('tenant:manage');
  if (models.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="w-fit text-soft hover:text-ink pointer-coarse:py-2">{t('prices')}</summary>
      <Rows>
        {models.map(({ model, price }) => (
          <Row key={model} actions={canManage && <PriceDialog model={model} price={price} />}>
            <p className="break-all font-medium">{model}</p>
            <PriceText price={price} />
          </Row>
        ))}
      </Rows>
    </details>
  );
}

function PriceText({ price }: { price: ModelPrice | null }) {
  const t = useTranslations('usage');
  const format = useFormatter();
  if (!price) return <p className="text-faint">{t('noPrice')}</p>;
  const { currency } = price;
  const toText = (amount: number) => format.number(amount, { style: 'currency', currency, maximumFractionDigits: 6 });
  const amounts = {
    input: toText(price.input),
    cached: toText(price.cachedInput ?? price.input),
    output: toText(price.output),
  };
  return <p className="text-faint">{t('price', amounts)}</p>;
}

function PriceDialog({ model, price }: { model: string; price: ModelPrice | null }) {
  const t = useTranslations('usage');
  const [isOpen, setOpen] = useState(false);
  const { usage } = trpc.useUtils();
  const { busy, run } = useAction();
  const close = async () => {
    await usage.invalidate();
    setOpen(false);
  };
  const remove = () =>
    run(async () => {
      await client.usage.removePrice.mutate({ model });
      await close();
    });
  return (
    <Dialog
      title={t('priceOf', { model })}
      open={isOpen}
      onOpenChange={setOpen}
      trigger={<Button aria-label={t('priceOf', { model })}>{t(price ? 'change' : 'set')}</Button>}
    >
      <PriceForm model={model} price={price} onDone={close} />
      {price && (
        <Button variant="danger-outline" className="justify-self-start" disabled={busy} onClick={remove}>
          {t('removePrice')}
        </Button>
      )}
    </Dialog>
  );
}
