// Package kubernetes reads changes from a Kubernetes cluster: rollouts of
// Deployments, StatefulSets and DaemonSets, and what Argo CD and Flux say that
// they have applied. It asks by "kubectl get --raw", so that the user's
// kubeconfig and single sign-on serve as they are. The kind's name is
// "kubernetes".
//
// kubectl.go and words.go ask and say what went wrong; lists.go and groups.go
// page through lists and find out what is installed; rollout.go, began.go,
// template.go, argo.go and flux.go are judgement on what was read and do no
// I/O; join.go makes one change of what both a rollout and Argo CD or Flux show.
//
// Imported by sources/all and cmd. It imports sources, internal/safe and
// internal/proc, and must not import another adapter. It only reads, and never
// asks for secrets or config maps.
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns. One call runs up to [parallel] programs at once and waits for them.
package kubernetes
