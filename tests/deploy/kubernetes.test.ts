import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@it0/node/sandbox/find-program';
import { createExpressApp } from '@it0/server/http/app';
import { createIngress } from '@it0/server/http/ingress';
import { DEFAULT_LIMITS } from '@it0/server/http/limits';
import type { Operations } from '@it0/server/http/routes/operations';
import { testApp } from '@it0/tests/support/app';
import { listRoutePaths } from '@it0/tests/support/route-paths';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  findEnvProblems,
  readDeployFile,
  readVariables,
  readYaml,
  readYamlDocuments,
  toStopSeconds,
} from './installation-files.ts';

const kubectl = findProgram('kubectl');
const folder = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));
const manifests = readYamlDocuments('kubernetes/server.yaml');
const findManifest = (kind: string) => manifests.find((manifest) => manifest.kind === kind);
const pod = findManifest('Deployment').spec.template.spec;
const [container] = pod.containers;

const settings = readVariables(readDeployFile('kubernetes/server.env'));
const secrets = readVariables(readDeployFile('kubernetes/secret.env.example'));
const random = 'x'.repeat(64);
const filled = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, value || random]));

test('the servers of Kubernetes get variables that they know', () => {
  expect(findEnvProblems({ ...settings, ...filled })).toEqual([]);
  // A secret among the settings would be readable by everyone who can read the deployment.
  expect(Object.keys(settings).filter((name) => /SECRET|KEY|TOKEN|PASSWORD|DATABASE|REDIS/.test(name))).toEqual([]);
});

test('the probes and metrics of Kubernetes are routes and metrics of the server', async () => {
  await using app = await testApp();
  const deps = { services: app.services, ingress: createIngress({}), limits: DEFAULT_LIMITS };
  const options = {
    operations: {} as Operations,
    stopping: new AbortController().signal,
    uploads: '',
    webDir: undefined,
  };
  const paths = listRoutePaths(createExpressApp(deps, options).router);
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container[name].httpGet);
  for (const { path, port } of probes) expect([paths.includes(path), port]).toEqual([true, 'http']);
  expect(probes.map(({ path }) => path)).toEqual(['/healthz', '/healthz', '/readyz']);
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  for (const { pods } of findManifest('HorizontalPodAutoscaler').spec.metrics)
    if (pods) expect(metrics).toContain(`# TYPE ${pods.metric.name} gauge`);
});

test('a server of Kubernetes has no privileges, and time to end', () => {
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(container.securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  });
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(toStopSeconds(settings));
  // The server is marked as not ready before it refuses connections.
  const { periodSeconds, failureThreshold } = container.readinessProbe;
  expect(Number(settings.IT0_DRAIN_SECONDS)).toBeGreaterThan(periodSeconds * failureThreshold);
  expect(findManifest('HorizontalPodAutoscaler').spec.minReplicas).toBeGreaterThan(
    findManifest('PodDisruptionBudget').spec.maxUnavailable,
  );
});

test('the kustomization has all files of its folder', () => {
  const { resources, configMapGenerator, secretGenerator } = readYaml('kubernetes/kustomization.yaml');
  const generated = [...configMapGenerator, ...secretGenerator].flatMap(({ envs }) => envs);
  expect([...resources, ...generated, 'kustomization.yaml', 'secret.env.example'].sort()).toEqual(
    [...readdirSync(folder).filter((name) => name !== 'secret.env'), 'secret.env'].sort(),
  );
});

test.runIf(kubectl)('kubectl builds the kustomization, and every selector matches the pods of the servers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-kubernetes-'));
  try {
    cpSync(folder, dir, { recursive: true });
    writeFileSync(
      join(dir, 'secret.env'),
      Object.entries(filled)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const output = execFileSync(kubectl!, ['kustomize', dir], { encoding: 'utf8' });
    const built = parseAllDocuments(output).map((document) => document.toJS());
    const find = (kind: string) => built.find((manifest) => manifest.kind === kind);
    const { labels } = find('Deployment').spec.template.metadata;
    expect(find('Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(find('Service').spec.selector).toEqual(labels);
    expect(find('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(find('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
    const [{ image, envFrom }] = find('Deployment').spec.template.spec.containers;
    expect(image).toMatch(/:\d+\.\d+\.\d+$/);
    expect(envFrom).toEqual([
      { configMapRef: { name: find('ConfigMap').metadata.name } },
      { secretRef: { name: find('Secret').metadata.name } },
    ]);
    expect(
      new Set(built.map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace))),
    ).toEqual(new Set(['it0']));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
