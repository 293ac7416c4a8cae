import { toHeadingLevels } from '@it0/client/markdown/headings';
import { IncrementalMarkdown } from '@it0/client/markdown/incremental-markdown';
import { type MarkdownNode, nestHtml } from '@it0/client/markdown/nest-html';
import { memo, useState } from 'react';
import { renderBlock, renderBlocks } from './render-node.tsx';

/**
 * Renders an agent's text. HTML becomes elements of React, without attributes, or is shown as text. Only http, https and
 * mailto links are clickable.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const [blocks] = useState(() => new IncrementalMarkdown());
  const nodes = nestHtml(blocks.read(text));
  const depths = nodes.map((node) => (node.type === 'heading' ? (node.depth as number) : 0));
  const levels = toHeadingLevels(depths.filter(Boolean));
  let heading = 0;
  return (
    <div className="markdown">
      {renderBlocks(nodes, 0, (node, index) => {
        const level = depths[index] ? levels[heading++]! : (levels[heading - 1] ?? 2) + 1;
        return <Block key={index} node={node} level={level} />;
      })}
    </div>
  );
});

/** Block of the text. The reader returns the same token until the block changes. */
const Block = memo(({ node, level }: { node: MarkdownNode; level: number }) => renderBlock(node, 0, level));
