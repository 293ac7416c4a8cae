import { type ReactNode, useEffect, useState } from 'react';
import { type CodeNode, findLanguage, highlight } from './highlight.ts';
import { useSettled } from './use-settled.ts';

/** Code, highlighted once it is complete and its language is loaded. */
export function Highlighted({ code, name }: { code: string; name: string }) {
  const settled = useSettled(code);
  const [result, setResult] = useState<{ code: string; nodes: CodeNode[] } | null>(null);
  const language = findLanguage(name);
  useEffect(() => {
    if (settled === null || !language) return;
    let isCurrent = true;
    void highlight(settled, language).then((nodes) => {
      if (isCurrent && nodes) setResult({ code: settled, nodes });
    });
    return () => {
      isCurrent = false;
    };
  }, [settled, language]);
  return result?.code === code ? renderNodes(result.nodes) : code;
}

const renderNodes = (nodes: CodeNode[]): ReactNode =>
  nodes.map((node, index) =>
    typeof node === 'string' ? (
      node
    ) : (
      <span key={index} className={node.scope && `code-${node.scope.split('.')[0]}`}>
        {renderNodes(node.children)}
      </span>
    ),
  );
