/** A complete runbook of a site, as its author would write it. */
export const WEATHER = `subject: weather
title: Weather station
introduction: Measures the weather and shows it.
layers:
  - {id: app, title: application}
  - {id: edge, title: edge}
probes:
  - id: weather.app.ready
    title: deployment
    layer: app
    question: Is the application there?
    why: Everything else stands on it.
    healthy: All replicas are ready.
    byHand: kubectl -n weather get deployment weather
    kubernetes:
      group: apps
      plural: deployments
      namespace: weather
      name: weather
      fields: [spec.replicas, status.readyReplicas]
    judge:
      - when: "!evidence.found"
        verdict: FAIL
        detail: there is no deployment
        observation: weather.absent
        cause: weather.app.down
      - when: "!has(evidence.object.status.readyReplicas)"
        verdict: FAIL
        detail: "0 of {{ evidence.object.spec.replicas }} ready"
        observation: weather.not-ready
        cause: weather.app.down
      - verdict: PASS
        detail: "{{ evidence.object.status.readyReplicas }} of {{ evidence.object.spec.replicas }} ready"
  - id: weather.edge.page
    title: page
    layer: edge
    question: Does the page answer?
    why: It is what people see.
    healthy: Status 200.
    byHand: curl -sI https://weather.example.com
    http: {url: "https://weather.example.com/"}
    judge:
      - when: evidence.status == 503
        verdict: FAIL
        detail: "answers {{ evidence.status }}"
        observation: weather.http-503
      - verdict: PASS
        detail: "answers {{ evidence.status }} in {{ evidence.ms }} ms"
causes:
  - code: weather.app.down
    layer: app
    title: the weather station is down
    explains: [weather.absent, weather.not-ready, weather.http-503]
    remedies:
      - {phase: now, text: Restart it., command: kubectl -n weather rollout restart deployment weather, risk: write}
`;
