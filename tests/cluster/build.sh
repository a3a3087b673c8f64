#!/usr/bin/env bash
# Builds a real Kubernetes control plane (1.20.2) from Debian bookworm's source package with Debian's
# Go: API server, controllers, scheduler and kubemark, which is a real kubelet on a container runtime
# that only pretends; etcd is Debian's own program. Usage: build.sh DIRECTORY, as root on Debian 12.
# About 7 minutes on two cores, and nothing when DIRECTORY/bin is complete.
set -euo pipefail

root=$(realpath -m "${1:?a directory}")
programs=(kube-apiserver kube-controller-manager kube-scheduler kubemark etcd)
complete() {
    local each
    for each in "${programs[@]}"; do [ -x "$root/bin/$each" ] || return 1; done
}
if complete; then
    echo "the control plane is in $root/bin"
    exit 0
fi

mkdir -p "$root"/{get,src,bin,apt/lists,apt/parts}
cd "$root"
# Go compiles it, rsync and make are called by its makefile, dpkg-dev unpacks the source package.
apt-get install -qq -y --no-install-recommends golang-1.19-go rsync make dpkg-dev openssl

# The source package comes from the mirror that this machine uses already.
for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"apt/parts/$(basename "$file")"
done
[ ! -s /etc/apt/sources.list ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >apt/parts/main.list
sources=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$root/apt/parts" -o "Dir::State::lists=$root/apt/lists")
cd get
apt-get "${sources[@]}" -qq update || true  # a list that cannot be had may not be the one we need
apt-get "${sources[@]}" -qq source --download-only kubernetes
apt-get -qq download etcd-server golang-github-modern-go-reflect2-dev
cd ..
echo "b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc  get/kubernetes_1.20.5+really1.20.2.orig.tar.gz" | sha256sum -c -
tar xzf get/kubernetes_*.orig.tar.gz -C src --strip-components=1
dpkg -x get/etcd-server_*.deb etcd
cp etcd/usr/bin/etcd bin/

# 1. Its own copy of reflect2 (1.0.1) crashes on Go 1.18 and later: Debian's 1.0.2 does not.
dpkg -x get/golang-github-modern-go-reflect2-dev_*.deb reflect2
vendored=src/vendor/github.com/modern-go/reflect2
rm -rf "${vendored:?}"/*
cp -r reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/* "$vendored/"
# 2. The kubelet listens on loopback only.
sed -i 's#c.Address = "0.0.0.0" /\* bind address \*/#c.Address = "127.0.0.1"#' src/pkg/kubemark/hollow_kubelet.go
grep -q 'c.Address = "127.0.0.1"' src/pkg/kubemark/hollow_kubelet.go
# 3. Each kubelet has a socket of its own, so that several fit on one machine.
python3 - <<'PATCH'
path = "src/pkg/kubelet/cri/remote/fake/endpoint.go"
text = open(path).read()
text = text.replace("package fake\n", 'package fake\n\nimport (\n\t"fmt"\n\t"os"\n)\n')
text = text.replace('const (\n\tdefaultUnixEndpoint = "unix:///tmp/kubelet_remote.sock"\n)\n', "")
own = 'return fmt.Sprintf("unix://%s/kubelet_remote_%d.sock", os.TempDir(), os.Getpid()), nil'
assert "return defaultUnixEndpoint, nil" in text
open(path, "w").write(text.replace("return defaultUnixEndpoint, nil", own))
PATCH

cd src
export PATH=/usr/lib/go-1.19/bin:$PATH CGO_ENABLED=0 GOPATH=$PWD/.go HOME=$root/home GOPROXY=off GO111MODULE=auto
mkdir -p .go/src/k8s.io "$HOME"
ln -sfn ../../.. .go/src/k8s.io/kubernetes
make WHAT="cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler cmd/kubemark" \
    KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=archive >"$root/make.log" 2>&1 ||
    { tail -20 "$root/make.log"; exit 1; }
cp _output/local/bin/linux/amd64/kube{-apiserver,-controller-manager,-scheduler,mark} "$root/bin/"
cd "$root"
rm -rf src get etcd reflect2 apt home
complete
