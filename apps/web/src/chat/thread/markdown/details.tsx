import { isElement, type MarkdownNode } from '@it0/client/markdown/nest-html';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

type Props = {
  nodes: MarkdownNode[];
  renderSpans(nodes: MarkdownNode[]): ReactNode;
  renderBlocks(nodes: MarkdownNode[]): ReactNode;
};

/** Section that folds, with its summary or a name of ours. */
export function Details({ nodes, renderSpans, renderBlocks }: Props) {
  const t = useTranslations('markdown');
  const summary = nodes.find((node) => isElement(node) && node.tag === 'summary');
  return (
    <details>
      <summary dir="auto">{summary && isElement(summary) ? renderSpans(summary.nodes) : t('details')}</summary>
      <div>{renderBlocks(nodes.filter((node) => node !== summary))}</div>
    </details>
  );
}
