import { apiVersionOf, type KubeObject, type ResourceType, typeKey } from './object.ts';

/** `group/version: Kind=plural, …`; a `*` after the kind marks a cluster-scoped resource. */
const KNOWN: Readonly<Record<string, string>> = {
  v1: 'Namespace*=namespaces Node*=nodes PersistentVolume*=persistentvolumes ConfigMap=configmaps Endpoints=endpoints Event=events LimitRange=limitranges PersistentVolumeClaim=persistentvolumeclaims Pod=pods ReplicationController=replicationcontrollers ResourceQuota=resourcequotas Secret=secrets Service=services ServiceAccount=serviceaccounts',
  'apps/v1':
    'ControllerRevision=controllerrevisions DaemonSet=daemonsets Deployment=deployments ReplicaSet=replicasets StatefulSet=statefulsets',
  'batch/v1': 'CronJob=cronjobs Job=jobs',
  'autoscaling/v2': 'HorizontalPodAutoscaler=horizontalpodautoscalers',
  'policy/v1': 'PodDisruptionBudget=poddisruptionbudgets',
  'networking.k8s.io/v1': 'Ingress=ingresses IngressClass*=ingressclasses NetworkPolicy=networkpolicies',
  'discovery.k8s.io/v1': 'EndpointSlice=endpointslices',
  'events.k8s.io/v1': 'Event=events',
  'coordination.k8s.io/v1': 'Lease=leases',
  'rbac.authorization.k8s.io/v1':
    'ClusterRole*=clusterroles ClusterRoleBinding*=clusterrolebindings Role=roles RoleBinding=rolebindings',
  'storage.k8s.io/v1':
    'StorageClass*=storageclasses VolumeAttachment*=volumeattachments CSIDriver*=csidrivers CSINode*=csinodes',
  'scheduling.k8s.io/v1': 'PriorityClass*=priorityclasses',
  'admissionregistration.k8s.io/v1':
    'MutatingWebhookConfiguration*=mutatingwebhookconfigurations ValidatingWebhookConfiguration*=validatingwebhookconfigurations',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition*=customresourcedefinitions',
  'apiregistration.k8s.io/v1': 'APIService*=apiservices',
  'certificates.k8s.io/v1': 'CertificateSigningRequest*=certificatesigningrequests',
  'metrics.k8s.io/v1beta1': 'NodeMetrics*=nodes PodMetrics=pods',
  'traefik.io/v1alpha1':
    'IngressRoute=ingressroutes IngressRouteTCP=ingressroutetcps Middleware=middlewares ServersTransport=serverstransports TLSOption=tlsoptions',
  'cert-manager.io/v1':
    'Certificate=certificates CertificateRequest=certificaterequests ClusterIssuer*=clusterissuers Issuer=issuers',
  'external-secrets.io/v1':
    'ExternalSecret=externalsecrets SecretStore=secretstores ClusterSecretStore*=clustersecretstores',
  'kyverno.io/v1': 'ClusterPolicy*=clusterpolicies Policy=policies',
  'metallb.io/v1beta1':
    'IPAddressPool=ipaddresspools L2Advertisement=l2advertisements ServiceL2Status=servicel2statuses',
  'monitoring.coreos.com/v1': 'PrometheusRule=prometheusrules ServiceMonitor=servicemonitors',
};

/** The resource types that a cluster of this platform serves. */
export function knownTypes(): Map<string, ResourceType> {
  const types = new Map<string, ResourceType>();
  for (const [apiVersion, names] of Object.entries(KNOWN)) {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    for (const name of names.split(' ')) {
      const [kind = '', plural = ''] = name.split('=');
      const type = { group, version, plural, kind: kind.replace('*', ''), namespaced: !kind.endsWith('*') };
      types.set(typeKey(type), type);
    }
  }
  return types;
}

/** The type of an object; one that is not known is taken in as a custom resource with a regular plural. */
export function typeOf(types: Map<string, ResourceType>, object: KubeObject): ResourceType {
  for (const type of types.values()) {
    if (type.kind === object.kind && (apiVersionOf(type) === object.apiVersion || sameGroup(type, object))) return type;
  }
  const [version = '', group = ''] = object.apiVersion.split('/').reverse();
  const lower = object.kind.toLowerCase();
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : lower.endsWith('s') ? `${lower}es` : `${lower}s`;
  const type = { group, version, plural, kind: object.kind, namespaced: object.metadata.namespace !== undefined };
  types.set(typeKey(type), type);
  return type;
}

/** True for a type that the API server itself defines; custom resources keep kind and apiVersion in lists. */
export function isBuiltIn(type: ResourceType): boolean {
  return type.group === '' || !type.group.includes('.') || type.group.endsWith('.k8s.io');
}

function sameGroup(type: ResourceType, object: KubeObject): boolean {
  const [, group = ''] = object.apiVersion.split('/').reverse();
  return type.group === group;
}
