package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kubernetesObject finds an object of docs/kubernetes.
func kubernetesObject(t *testing.T, kind string) example {
	t.Helper()
	for _, file := range []string{"kubernetes/settings.yaml", "kubernetes/migrate.yaml", "kubernetes/countersign.yaml"} {
		for _, object := range examplesOf(t, file) {
			if object.at("kind").text() == kind {
				return object
			}
		}
	}
	t.Fatalf("docs/kubernetes has no %s", kind)
	return example{}
}

// docs/kubernetes: each pod is bound as tightly as it can be, calls the program as it is, gets no variables of services, and every
// file that a variable names is one of a secret that is mounted there.
func TestKubernetesPods(t *testing.T) {
	t.Parallel()
	settings := kubernetesObject(t, "ConfigMap").at("data").texts()
	for _, kind := range []string{"Deployment", "Job"} {
		pod := kubernetesObject(t, kind).at("spec/template/spec")
		container := pod.at("containers/0")
		for path, want := range map[string]string{
			"enableServiceLinks": "false", "automountServiceAccountToken": "false", "securityContext/runAsNonRoot": "true",
			"securityContext/runAsUser": "65532", "securityContext/fsGroup": "65532", "securityContext/seccompProfile/type": "RuntimeDefault",
			"containers/0/securityContext/readOnlyRootFilesystem": "true", "containers/0/securityContext/allowPrivilegeEscalation": "false",
			"containers/0/securityContext/capabilities/drop/0": "ALL",
		} {
			if is := pod.at(path).text(); is != want {
				t.Errorf("%s: %s is %q, not %q", kind, path, is, want)
			}
		}
		requireParsed(t, kind, container.at("args").words())
		variables := map[string]string{}
		for _, variable := range container.at("env").each() {
			variables[variable.at("name").text()] = variable.at("value").text()
		}
		if kind == "Deployment" {
			variables = settings
			if container.at("envFrom/0/configMapRef/name").text() != kubernetesObject(t, "ConfigMap").at("metadata/name").text() {
				t.Error("the server has not the settings")
			}
		}
		requireVariables(t, kind, variables)
		requireMounted(t, kind, pod, variables)
	}
	requireSettings(t, "settings.yaml", settings)
}

// requireMounted wants each secret of a variable to be a file of a secret in the pod, and its folder to be there.
func requireMounted(t *testing.T, kind string, pod example, variables map[string]string) {
	t.Helper()
	var files, folders []string
	for _, mount := range pod.at("containers/0/volumeMounts").each() {
		for _, volume := range pod.at("volumes").each() {
			if volume.at("name").text() != mount.at("name").text() {
				continue
			}
			folders = append(folders, mount.at("mountPath").text())
			for _, item := range volume.at("secret/items").each() {
				files = append(files, mount.at("mountPath").text()+"/"+item.at("path").text())
			}
		}
	}
	for name, value := range variables {
		if strings.HasPrefix(value, "/run/secrets/") && !slices.Contains(files, value) {
			t.Errorf("%s: %s names %s, of %v", kind, name, value, files)
		}
	}
	checkpoint := variables["COUNTERSIGN_CHECKPOINT_FILE"]
	if checkpoint != "" && !slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(checkpoint, folder+"/") }) {
		t.Errorf("%s: %s is in none of %v", kind, checkpoint, folders)
	}
	if kind == "Deployment" && !slices.Contains(folders, "/tmp") {
		t.Error("an accounts file has no room: beyond 1 MiB it goes through /tmp")
	}
}

// Pods leave the Service before they refuse connections, and are given the time to end. Ports, names and labels fit together.
func TestKubernetesObjectsFitTogether(t *testing.T) {
	t.Parallel()
	settings := kubernetesObject(t, "ConfigMap").at("data").texts()
	deployment, service := kubernetesObject(t, "Deployment"), kubernetesObject(t, "Service")
	pod := deployment.at("spec/template/spec")
	grace, err := strconv.Atoi(pod.at("terminationGracePeriodSeconds").text())
	if err != nil {
		t.Fatal(err)
	}
	requireTimeToEnd(t, "Deployment", settings["COUNTERSIGN_DRAIN_DELAY"], time.Duration(grace)*time.Second)
	for _, port := range pod.at("containers/0/ports").each() {
		listen := map[string]string{"http": settings["COUNTERSIGN_LISTEN"], "metrics": settings["COUNTERSIGN_METRICS_LISTEN"]}
		if !strings.HasSuffix(listen[port.at("name").text()], ":"+port.at("containerPort").text()) {
			t.Errorf("%s: %s, and the program listens on %v", port.at("name").text(), port.at("containerPort").text(), listen)
		}
	}
	for probe, path := range map[string]string{"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"} {
		if is := pod.at("containers/0/" + probe + "/httpGet/path").text(); is != path {
			t.Errorf("%s asks %q", probe, is)
		}
	}
	labels := deployment.at("spec/template/metadata/labels").texts()
	for name, selector := range map[string]example{
		"Deployment": deployment.at("spec/selector/matchLabels"), "Service": service.at("spec/selector"),
		"PodDisruptionBudget": kubernetesObject(t, "PodDisruptionBudget").at("spec/selector/matchLabels"),
		"NetworkPolicy":       kubernetesObject(t, "NetworkPolicy").at("spec/podSelector/matchLabels"),
	} {
		for label, value := range selector.texts() {
			if labels[label] != value {
				t.Errorf("%s looks for pods with %s=%s", name, label, value)
			}
		}
		if len(selector.texts()) == 0 {
			t.Errorf("%s looks for any pod", name)
		}
	}
	job := kubernetesObject(t, "Job").at("spec/template/metadata/labels").texts()
	if job["app.kubernetes.io/component"] == labels["app.kubernetes.io/component"] {
		t.Error("the pod of the migrations is one of the Service")
	}
	if image := kubernetesObject(t, "Job").at("spec/template/spec/containers/0/image").text(); image != pod.at("containers/0/image").text() {
		t.Errorf("the migrations are of %s", image)
	}
	if name := service.at("metadata/name").text(); strings.HasPrefix(name, "countersign") ||
		kubernetesObject(t, "Ingress").at("spec/rules/0/http/paths/0/backend/service/name").text() != name {
		t.Errorf("the Service is called %q", name)
	}
	if replicas := deployment.at("spec/replicas").text(); replicas < "2" {
		t.Errorf("%s replicas", replicas)
	}
}
