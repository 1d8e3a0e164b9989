package page

import "math"

// wantHealth are queries written by hand for what the expositions hold, and
// the number that they give. By exposition and signal.
var wantHealth = map[string]map[string]struct {
	query string
	value float64 // NaN: only the query says
}{
	"otel": {
		"errors":       {`sum(rate(http_server_request_duration_seconds_count{job="otel",http_response_status_code="503"}[5m])) / sum(rate(http_server_request_duration_seconds_count{job="otel"}[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(http_server_request_duration_seconds_bucket{job="otel"}[5m])) by (le))`, 0.5},
		"traffic":      {`sum(rate(http_server_request_duration_seconds_count{job="otel"}[5m]))`, 2},
		"call_errors":  {`sum(rate(http_client_request_duration_seconds_count{job="otel",error_type="503"}[5m])) / sum(rate(http_client_request_duration_seconds_count{job="otel"}[5m]))`, 0.5},
		"call_latency": {`histogram_quantile(0.99, sum(rate(http_client_request_duration_seconds_bucket{job="otel"}[5m])) by (le))`, 0.5},
		"instances":    {`count(up{job="otel"} == 1)`, 1},
	},
	"otelms": {
		"errors":       {`sum(rate(http_server_duration_milliseconds_count{http_status_code="500"}[5m])) / sum(rate(http_server_duration_milliseconds_count[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(http_server_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic":      {`sum(rate(http_server_duration_milliseconds_count[5m]))`, 2},
		"call_latency": {`histogram_quantile(0.99, sum(rate(http_client_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
	},
	"plain": {
		"errors":     {`sum(rate(http_requests_total{job="plain",code="500"}[5m])) / sum(rate(http_requests_total{job="plain"}[5m]))`, 0.1},
		"latency":    {`histogram_quantile(0.99, sum(rate(http_request_duration_seconds_bucket{job="plain"}[5m])) by (le))`, 0.5},
		"traffic":    {`sum(rate(http_requests_total{job="plain"}[5m]))`, 10},
		"cpu":        {`rate(process_cpu_seconds_total{job="plain"}[5m])`, 0.3},
		"memory":     {`process_resident_memory_bytes{job="plain"}`, 5e7},
		"goroutines": {`go_goroutines{job="plain"}`, 42},
		"files":      {`process_open_fds{job="plain"} / 100`, 0.2},
	},
	"timed": {
		"errors":  {`sum(rate(http_request_duration_seconds_count{job="timed",status="5xx"}[5m])) / sum(rate(http_request_duration_seconds_count{job="timed"}[5m]))`, 0.5},
		"traffic": {`sum(rate(http_request_duration_seconds_count{job="timed"}[5m]))`, 2},
	},
	"spring": {
		"errors":  {`sum(rate(http_server_requests_seconds_count{job="spring",status="500"}[5m])) / sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 0.2},
		"latency": {`sum(rate(http_server_requests_seconds_sum{job="spring"}[5m])) / sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 0.2},
		"traffic": {`sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 1},
		"cpu":     {`process_cpu_usage`, 0.25},
		"heap":    {`sum(jvm_memory_used_bytes{job="spring"}) / 8e8`, 0.5},
		"gc":      {`sum(rate(jvm_gc_pause_seconds_sum[5m]))`, 0.05},
	},
	"springhist": {"latency": {`histogram_quantile(0.99, sum(rate(http_server_requests_seconds_bucket[5m])) by (le))`, 0.5}},
	"meantime": {
		"latency": {`sum(rate(http_request_duration_seconds_sum{job="meantime"}[5m])) / sum(rate(http_request_duration_seconds_count{job="meantime"}[5m]))`, 0.3},
		"heap":    {`jvm_memory_bytes_used / jvm_memory_bytes_max`, 0.75},
		"gc":      {`rate(jvm_gc_collection_seconds_sum[5m])`, 0.05},
	},
	"oteljvm": {
		"heap": {`jvm_memory_used_bytes{job="oteljvm"} / 8e8`, 0.25},
		"gc":   {`rate(jvm_gc_duration_seconds_sum[5m])`, 0.05},
	},
	"grpc": {
		"errors":       {`sum(rate(grpc_server_handled_total{grpc_code="Internal"}[5m])) / sum(rate(grpc_server_handled_total[5m]))`, 0.05},
		"latency":      {`histogram_quantile(0.99, sum(rate(grpc_server_handling_seconds_bucket[5m])) by (le))`, 0.5},
		"traffic":      {`sum(rate(grpc_server_handled_total[5m]))`, 1},
		"call_errors":  {`sum(rate(grpc_client_handled_total{grpc_code="Unavailable"}[5m])) / sum(rate(grpc_client_handled_total[5m]))`, 0.25},
		"call_latency": {`histogram_quantile(0.99, sum(rate(grpc_client_handling_seconds_bucket[5m])) by (le))`, 0.5},
	},
	"rpc": {
		"errors":       {`sum(rate(rpc_server_duration_milliseconds_count{rpc_grpc_status_code="13"}[5m])) / sum(rate(rpc_server_duration_milliseconds_count[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(rpc_server_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic":      {`sum(rate(rpc_server_duration_milliseconds_count[5m]))`, 2},
		"call_latency": {`histogram_quantile(0.99, sum(rate(rpc_client_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
	},
	"otelhttp": {
		"errors":       {`sum(rate(http_server_request_duration_seconds_count{job="shop/otelhttp",http_response_status_code="503"}[5m])) / sum(rate(http_server_request_duration_seconds_count{job="shop/otelhttp"}[5m]))`, 0.1},
		"latency":      {`histogram_quantile(0.99, sum(rate(http_server_request_duration_seconds_bucket{job="shop/otelhttp"}[5m])) by (le))`, math.NaN()},
		"traffic":      {`sum(rate(http_server_request_duration_seconds_count{job="shop/otelhttp"}[5m]))`, 2},
		"call_errors":  {`sum(rate(http_client_request_duration_seconds_count{job="shop/otelhttp",http_response_status_code="503"}[5m])) / sum(rate(http_client_request_duration_seconds_count{job="shop/otelhttp"}[5m]))`, 0.1},
		"call_latency": {`histogram_quantile(0.99, sum(rate(http_client_request_duration_seconds_bucket{job="shop/otelhttp"}[5m])) by (le))`, math.NaN()},
	},
	"otelgrpc": {
		"errors":       {`sum(rate(rpc_server_call_duration_seconds_count{rpc_response_status_code="INTERNAL"}[5m])) / sum(rate(rpc_server_call_duration_seconds_count[5m]))`, 0.25},
		"latency":      {`histogram_quantile(0.99, sum(rate(rpc_server_call_duration_seconds_bucket[5m])) by (le))`, math.NaN()},
		"traffic":      {`sum(rate(rpc_server_call_duration_seconds_count[5m]))`, 2},
		"call_errors":  {`sum(rate(rpc_client_call_duration_seconds_count{error_type="INTERNAL"}[5m])) / sum(rate(rpc_client_call_duration_seconds_count[5m]))`, 0.25},
		"call_latency": {`histogram_quantile(0.99, sum(rate(rpc_client_call_duration_seconds_bucket[5m])) by (le))`, math.NaN()},
	},
	"meshed": {
		"errors":  {`sum(rate(istio_requests_total{reporter="destination",response_code="503"}[5m])) / sum(rate(istio_requests_total{reporter="destination"}[5m]))`, 0.3},
		"latency": {`histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(istio_requests_total{reporter="destination"}[5m]))`, 1},
	},
	"ingressed": {
		"errors":  {`sum(rate(nginx_ingress_controller_requests{exported_namespace="shop",status="502"}[5m])) / sum(rate(nginx_ingress_controller_requests{exported_namespace="shop"}[5m]))`, 0.04},
		"latency": {`histogram_quantile(0.99, sum(rate(nginx_ingress_controller_request_duration_seconds_bucket{exported_namespace="shop"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(nginx_ingress_controller_requests{exported_namespace="shop"}[5m]))`, 1},
	},
	"nginxapp": {
		"errors":  {`sum(rate(nginx_ingress_controller_requests{job="nginxapp",status="502"}[5m])) / sum(rate(nginx_ingress_controller_requests{job="nginxapp"}[5m]))`, 0.04},
		"latency": {`histogram_quantile(0.99, sum(rate(nginx_ingress_controller_request_duration_seconds_bucket{job="nginxapp"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(nginx_ingress_controller_requests{job="nginxapp"}[5m]))`, 1},
	},
	"routed": {
		"errors":  {`sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes",code="500"}[5m])) / sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{service="shop-routed-80@kubernetes"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes"}[5m]))`, 1},
	},
	"filed": {
		"errors":  {`sum(rate(traefik_service_requests_total{service="filed@file",code="500"}[5m])) / sum(rate(traefik_service_requests_total{service="filed@file"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{service="filed@file"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{service="filed@file"}[5m]))`, 1},
	},
	"traefikapp": {
		"errors":  {`sum(rate(traefik_service_requests_total{job="traefikapp",code="500"}[5m])) / sum(rate(traefik_service_requests_total{job="traefikapp"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{job="traefikapp"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{job="traefikapp"}[5m]))`, 1},
	},
	"upstreamed": {
		"errors":  {`sum(rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[5m])) / sum(rate(envoy_cluster_upstream_rq_xx[5m]))`, 0.2},
		"latency": {`histogram_quantile(0.99, sum(rate(envoy_cluster_upstream_rq_time_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(envoy_cluster_upstream_rq_xx[5m]))`, 1},
	},
	"edge": {
		"errors":  {`sum(rate(envoy_http_downstream_rq_xx{envoy_response_code_class="5"}[5m])) / sum(rate(envoy_http_downstream_rq_xx[5m]))`, 0.2},
		"latency": {`histogram_quantile(0.99, sum(rate(envoy_http_downstream_rq_time_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(envoy_http_downstream_rq_xx[5m]))`, 1},
	},
	"prefixed": {
		"errors":  {`sum(rate(myapp_http_requests_total{code="500"}[5m])) / sum(rate(myapp_http_requests_total[5m]))`, 0.25},
		"traffic": {`sum(rate(myapp_http_requests_total[5m]))`, 1},
	},
	"prefixtimed": {
		"errors":  {`sum(rate(myapp_http_request_duration_seconds_count{code="500"}[5m])) / sum(rate(myapp_http_request_duration_seconds_count[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(myapp_http_request_duration_seconds_bucket[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(myapp_http_request_duration_seconds_count[5m]))`, 2},
	},
	"nginx":  {"traffic": {`rate(nginx_http_requests_total[5m])`, 1}, "connections": {`nginx_connections_active`, 7}},
	"probed": {"probe": {`probe_success`, 1}, "latency": {`probe_duration_seconds`, 0.25}, "certificate": {`probe_ssl_earliest_cert_expiry - time()`, math.NaN()}},
	"node": {
		"cpu":    {`(2 - sum(rate(node_cpu_seconds_total{mode="idle"}[5m]))) / 2`, math.NaN()},
		"memory": {`(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes) / node_memory_MemTotal_bytes`, math.NaN()},
		"disk":   {`1 - node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"}`, 0.799},
		"load":   {`node_load5 / 2`, 1},
	},
	"podded": {
		"cpu":       {`sum(rate(container_cpu_usage_seconds_total{namespace="shop",pod=~"podded-5d8f.*",container="app"}[5m])) / 4`, 0.5},
		"throttled": {`avg(rate(container_cpu_cfs_throttled_periods_total{namespace="shop",pod=~"podded-5d8f.*",container="app"}[5m])) / 10`, 0.3},
		"memory":    {`max(container_memory_working_set_bytes{namespace="shop",pod=~"podded-5d8f.*",container="app"}) / 4e8`, 0.75},
		"restarts":  {`round(sum(increase(kube_pod_container_status_restarts_total{namespace="shop",pod=~"podded-5d8f.*"}[1h])))`, 72},
		"replicas":  {`kube_deployment_status_replicas_available{namespace="shop",deployment="podded"} / kube_deployment_spec_replicas{namespace="shop",deployment="podded"}`, 0.5},
	},
	"stateful": {"replicas": {`kube_statefulset_status_replicas_ready / kube_statefulset_replicas`, 0.75}},
}
