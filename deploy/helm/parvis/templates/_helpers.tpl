{{- define "parvis.name" -}}
{{ printf "%s-%s" .root.Release.Name .service | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "parvis.selector" -}}
app.kubernetes.io/name: parvis
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{- define "parvis.labels" -}}
{{ include "parvis.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "parvis.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{/* All that runs, by name: the services, and mail-in where mail comes from somewhere. */}}
{{- define "parvis.workloads" -}}
{{- $workloads := merge (dict) .Values.services }}
{{- if or .Values.mailIn.mailboxes .Values.mailIn.received }}
{{- $workloads = merge $workloads (dict "mail-in" .Values.mailIn) }}
{{- end }}
{{- toYaml $workloads }}
{{- end }}

{{/* The file of mailboxes. It names files that hold secrets, and has none. */}}
{{- define "parvis.mailboxes" -}}
{{- $file := dict }}
{{- with .Values.mailIn.mailboxes }}{{ $_ := set $file "mailboxes" . }}{{ end }}
{{- with .Values.mailIn.received }}{{ $_ := set $file "received" . }}{{ $_ := set $file "receiver" (dict "listen" "lmtp://0.0.0.0:8024") }}{{ end }}
{{- toYaml $file }}
{{- end }}

{{/* Where a service keeps or looks for files of letters. */}}
{{- define "parvis.filesUrl" -}}
{{- (merge (dict) (.own | default dict) .root.Values.settings).PARVIS_FILES_URL | default "" | toString }}
{{- end }}

{{/* Says "yes" of a folder that goes with its pod. */}}
{{- define "parvis.goesWithThePod" -}}
{{- if or (not .) (regexMatch "^file:/+(var/lib/parvis|tmp)(/|$)" .) }}yes{{ end }}
{{- end }}

{{/* Refuses mail-in without a store of files that other pods reach: a mail counts as taken once its attachments are put there. What a pod
     may write to is its own emptyDir. Review opens them from its own address. */}}
{{- define "parvis.filesOfMailsAreKept" -}}
{{- $files := include "parvis.filesUrl" (dict "root" . "own" .Values.mailIn.settings) }}
{{- $opened := include "parvis.filesUrl" (dict "root" . "own" .Values.services.review.settings) }}
{{- if not $files }}
{{- fail "mailIn names mailboxes or received, and mail-in has no PARVIS_FILES_URL: attachments of mails would go with its pod. Set settings.PARVIS_FILES_URL (or mailIn.settings.PARVIS_FILES_URL) to the store that review has, as s3://bucket/prefix." }}
{{- else if include "parvis.goesWithThePod" $files }}
{{- fail (printf "PARVIS_FILES_URL of mail-in is %s, a folder of its pod alone: attachments of mails would go with it. Set settings.PARVIS_FILES_URL to a store that all pods reach, as s3://bucket/prefix." $files) }}
{{- else if ne $files $opened }}
{{- fail (printf "mail-in puts attachments of mails into %s, and review looks for them in %s: set settings.PARVIS_FILES_URL for both, or services.review.settings.PARVIS_FILES_URL to the same." $files ($opened | default "its own pod")) }}
{{- end }}
{{- end }}

{{/* One setting from a secret, where the secret has a name. */}}
{{- define "parvis.secretSetting" -}}
{{- if .secret.name }}
- name: {{ .setting }}
  valueFrom: {secretKeyRef: {name: {{ .secret.name }}, key: {{ .secret.key }}}}
{{- end }}
{{- end }}

{{/* The settings of one service; each secret goes to those alone that have a business with it. */}}
{{- define "parvis.environment" -}}
{{- $secrets := .root.Values.secrets }}
{{- $settings := merge (dict) (.own | default dict) .root.Values.settings }}
- {name: PARVIS_HOST, value: "0.0.0.0"}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- $workloads := include "parvis.workloads" .root | fromYaml }}
{{- if hasKey $workloads .service }}
{{- $urls := list }}
{{- range $name, $_ := $workloads }}
{{- $urls = append $urls (printf "%s=http://%s:8080" $name (include "parvis.name" (dict "root" $.root "service" $name))) }}
{{- end }}
- {name: PARVIS_SERVICE_URLS, value: {{ join "," $urls | quote }}}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_METRICS_TOKEN" "secret" $secrets.metricsToken) }}
{{- end }}
{{- if has .service (list "intake" "review" "dispatch" "mail-in") }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_DATABASE_URL" "secret" $secrets.databaseUrl) }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_SIGNING_KEY" "secret" $secrets.signingKey) }}
{{- $access := $secrets.filesAccess }}
{{- include "parvis.secretSetting" (dict "setting" "AWS_ACCESS_KEY_ID" "secret" (dict "name" $access.name "key" $access.accessKeyId)) }}
{{- include "parvis.secretSetting" (dict "setting" "AWS_SECRET_ACCESS_KEY" "secret" (dict "name" $access.name "key" $access.secretAccessKey)) }}
{{- end }}
{{- if eq .service "drafting" }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_LLM_API_KEY" "secret" $secrets.llmApiKey) }}
{{- end }}
{{- if has .service (list "drafting" "triage" "review") }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_EMBEDDINGS_API_KEY" "secret" $secrets.embeddingsApiKey) }}
{{- end }}
{{- if eq .service "dispatch" }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_SMTP_URL" "secret" $secrets.smtpUrl) }}
{{- end }}
{{- if eq .service "mail-in" }}
- {name: PARVIS_MAILBOXES, value: /etc/parvis/mail/mailboxes.yaml}
{{- end }}
{{- if eq .service "review" }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_OIDC_CLIENT_SECRET" "secret" $secrets.oidcClientSecret) }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_SECOND_FACTOR_KEY" "secret" $secrets.secondFactorKey) }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_AUDIT_KEY" "secret" $secrets.auditKey) }}
{{- end }}
{{- if and $secrets.kafkaUsers.prefix (not (has .service (list "migrate" "mail-in"))) }}
{{- $user := printf "%s-%s" $secrets.kafkaUsers.prefix .service }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_KAFKA_SECURITY_USERNAME" "secret" (dict "name" $user "key" "username")) }}
{{- include "parvis.secretSetting" (dict "setting" "PARVIS_KAFKA_SECURITY_PASSWORD" "secret" (dict "name" $user "key" "password")) }}
{{- end }}
{{- if $secrets.kafkaAuthority.name }}
- {name: PARVIS_KAFKA_SECURITY_CAFILE, value: /etc/parvis/kafka/{{ $secrets.kafkaAuthority.key }}}
{{- end }}
{{- if and (has .service (list "drafting" "review")) (or .root.Values.knowledge.existingClaim .root.Values.knowledge.configMap) }}
- {name: PARVIS_KNOWLEDGE_DIR, value: /etc/parvis/knowledge}
{{- end }}
{{- if and (eq .service "triage") .root.Values.models.existingClaim }}
- {name: PARVIS_MODEL_DIR, value: /var/lib/parvis-models}
{{- end }}
{{- end }}

{{- define "parvis.mounts" -}}
- {name: data, mountPath: /var/lib/parvis}
- {name: tmp, mountPath: /tmp}
{{- if eq .service "mail-in" }}
- {name: mailboxes, mountPath: /etc/parvis/mail, readOnly: true}
{{- if .root.Values.mailIn.secret }}
- {name: mail-secrets, mountPath: /etc/parvis/mail-secrets, readOnly: true}
{{- end }}
{{- end }}
{{- if .root.Values.secrets.kafkaAuthority.name }}
- {name: kafka-authority, mountPath: /etc/parvis/kafka, readOnly: true}
{{- end }}
{{- if and (has .service (list "drafting" "review")) (or .root.Values.knowledge.existingClaim .root.Values.knowledge.configMap) }}
- {name: knowledge, mountPath: /etc/parvis/knowledge, readOnly: true}
{{- end }}
{{- if and (eq .service "triage") .root.Values.models.existingClaim }}
- {name: models, mountPath: /var/lib/parvis-models}
{{- end }}
{{- end }}

{{- define "parvis.volumes" -}}
- {name: data, emptyDir: {}}
- {name: tmp, emptyDir: {}}
{{- if eq .service "mail-in" }}
- {name: mailboxes, configMap: {name: {{ include "parvis.name" . }}}}
{{- with .root.Values.mailIn.secret }}
- {name: mail-secrets, secret: {secretName: {{ . }}}}
{{- end }}
{{- end }}
{{- with .root.Values.secrets.kafkaAuthority.name }}
- {name: kafka-authority, secret: {secretName: {{ . }}}}
{{- end }}
{{- if has .service (list "drafting" "review") }}
{{- with .root.Values.knowledge }}
{{- if .existingClaim }}
- {name: knowledge, persistentVolumeClaim: {claimName: {{ .existingClaim }}, readOnly: true}}
{{- else if .configMap }}
- {name: knowledge, configMap: {name: {{ .configMap }}}}
{{- end }}
{{- end }}
{{- end }}
{{- if and (eq .service "triage") .root.Values.models.existingClaim }}
- {name: models, persistentVolumeClaim: {claimName: {{ .root.Values.models.existingClaim }}}}
{{- end }}
{{- end }}

{{- define "parvis.pod" -}}
automountServiceAccountToken: false
{{- with .account }}
serviceAccountName: {{ . }}
{{- end }}
securityContext: {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}
