#!/usr/bin/env bash
# rubentario: inventory for several warehouses, with no centre. ./rubentario.sh help
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
CONFIG_DIR=${XDG_CONFIG_HOME:-${HOME:-/nonexistent}/.config}/rubentario
readonly CONFIG_DIR
readonly NODE_ID='^[a-z][a-z0-9-]{0,31}$'
# The program's own words: a warehouse of such a name would be founded by whoever forgets --node.
readonly VERBS='run node demo bench man status stock history alerts peers transfers receive issue count adjust
product rule transfer snapshot lock reverse recover import stocktake replenish reserve release reservations expect expected'

usage() {
    if [[ -n $SPANISH ]]; then uso && return; fi
    cat <<'USAGE'
rubentario.sh demo [--warehouses N] [--headless [--json]]   three warehouses in one process, with sample goods
rubentario.sh NODE-ID [ARGS]                                the terminal of one warehouse: madrid, sevilla-2, …
rubentario.sh services [NODE-ID…]                           what this machine has of PostgreSQL and RabbitMQ
rubentario.sh services --install NODE-ID…                   install and start them, write each node's config
rubentario.sh test                                          everything that CI checks
rubentario.sh bench [NAME] [ARGS]                           speed and size, each beside its limit
rubentario.sh help                                          this
USAGE
}

uso() {
    cat <<'USO'
rubentario.sh demo [--warehouses N] [--headless [--json]]   tres almacenes en un proceso, con género de muestra
rubentario.sh ID-DE-NODO [ARGUMENTOS]                       el terminal de un almacén: madrid, sevilla-2, …
rubentario.sh services [ID-DE-NODO…]                        qué tiene esta máquina de PostgreSQL y RabbitMQ
rubentario.sh services --install ID-DE-NODO…                los instala y arranca, y escribe cada configuración
rubentario.sh test                                          todo lo que comprueba CI (en inglés)
rubentario.sh bench [NOMBRE] [ARGUMENTOS]                   velocidad y tamaño, cada cosa junto a su límite
rubentario.sh help                                          esta ayuda
USO
}

# By the locale, as the program does where nothing else says it.
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in es*) SPANISH=yes ;; *) SPANISH='' ;; esac
readonly SPANISH

say() { printf '%s\n' "$*"; }
# tell SPANISH ENGLISH
tell() { if [[ -n $SPANISH ]]; then say "$1"; else say "$2"; fi; }
# note SPANISH ENGLISH
note() { say "rubentario.sh: $(tell "$1" "$2")" >&2; }

# fail STATUS SPANISH ENGLISH
fail() {
    note "$2" "$3"
    exit "$1"
}

main() {
    cd -- "$HERE"
    case ${1-help} in
        help | -h | --help) usage ;;
        version | -V | --version) version ;;
        '') usage >&2 && exit 2 ;;
        demo) demo "${@:2}" ;;
        services | test) if wants_help "${@:2}"; then usage; else "of_$1" "${@:2}"; fi ;;
        bench) bench "${@:2}" ;;
        *) node "$@" ;;
    esac
}

wants_help() {
    local arg
    for arg in "$@"; do
        case $arg in --help | -h) return 0 ;; esac
    done
    return 1
}

# As the sources say it, so that nothing is built for it; a release has its program.
version() {
    if has_sources; then
        say "rubentario $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n1)"
    else
        build
        exec "$BINARY" --version
    fi
}

# ── demo, node ────────────────────────────────────────────────────────────────────────────────────

demo() {
    if ! wants_no_terminal "$@" && ! [[ -t 0 && -t 1 ]]; then
        fail 2 \
            'la demostración necesita un terminal; sin él: ./rubentario.sh demo --headless' \
            'the demo needs a terminal; without one, run: ./rubentario.sh demo --headless'
    fi
    build
    exec "$BINARY" demo "$@"
}

wants_no_terminal() {
    local arg
    for arg in "$@"; do
        case $arg in --headless | --help | -h) return 0 ;; esac
    done
    return 1
}

node() {
    check_node_id "$1"
    build
    exec "$BINARY" --node "$1" run "${@:2}"
}

check_node_id() {
    if is_verb "$1"; then
        fail 2 \
            "$1 es una orden del programa: rubentario --node ID $1" \
            "$1 is a command of the program: rubentario --node ID $1"
    fi
    [[ $1 =~ $NODE_ID ]] || fail 2 \
        "'$1' no es un id de nodo ni una orden: un id empieza por una letra y solo lleva a-z, 0-9 y -, 32 como mucho (madrid, sevilla-2); órdenes: ./rubentario.sh help" \
        "'$1' is no node id and no command: an id starts with a letter and has only a-z, 0-9 and -, at most 32 (madrid, sevilla-2); commands: ./rubentario.sh help"
}

is_verb() {
    local verb
    for verb in $VERBS; do
        [[ $1 != "$verb" ]] || return 0
    done
    return 1
}

# Sets BINARY to the program: the one of a release, or the one that is built here.
build() {
    if ! has_sources; then
        BINARY=$HERE/rubentario
        [[ -x $BINARY ]] || fail 1 \
            "falta el programa $BINARY: desempaquete otra vez la entrega, entera" \
            "the program $BINARY is missing: unpack the release again, all of it"
        return
    fi
    BINARY=${CARGO_TARGET_DIR:-$HERE/target}/release/rubentario
    if ! find_cargo && [[ -x $BINARY ]]; then
        note \
            "no está cargo: este es el programa como se compiló la última vez" \
            "cargo isn't there: this is the program as it was built last"
        return
    fi
    need_rust
    BINARY=$(target_dir)/release/rubentario
    is_built && return
    need_compiler
    note \
        'compilando (la primera vez unos minutos, luego segundos) …' \
        'building (some minutes the first time, seconds later) …'
    need_crates
    cargo build --release --quiet --locked >&2 || fail 1 \
        'ha fallado la compilación; arriba está lo que dice cargo' \
        'the build failed; what cargo says stands above'
}

target_dir() {
    cargo metadata --no-deps --format-version 1 --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Whether the binary is newer than all it is made from.
is_built() {
    [[ -x $BINARY ]] || return
    local newer
    newer=$(find . \( -path ./target -o -path ./.git -o -path ./tests -o -path ./docs \) -prune -o -type f -newer "$BINARY" -print -quit)
    [[ -z $newer ]]
}

has() { command -v "$1" >/dev/null; }
has_sources() { [[ -e Cargo.toml ]]; }

# A shell that was open when Rust was installed doesn't find it by itself.
find_cargo() {
    if ! has cargo && [[ -x ${HOME:-}/.cargo/bin/cargo ]]; then
        PATH=$HOME/.cargo/bin:$PATH
    fi
    has cargo && has rustc
}

need_rust() {
    has_sources || fail 2 \
        'esto es una entrega sin sus fuentes: clone el repositorio para lo que se compila de ellas' \
        'this is a release without its sources: clone the repository for what is built from them'
    find_cargo ||
        fail 1 "no está cargo: instale Rust con la línea de https://rustup.rs, abra otra shell e inténtelo de nuevo" \
            "cargo isn't there: install Rust by the line on https://rustup.rs, open a new shell and try again"
    local wanted found how
    how=$(tell 'instale Rust con la línea de https://rustup.rs' 'install Rust by the line on https://rustup.rs')
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version | cut -d' ' -f2)
    ! has rustup || how='rustup update stable'
    is_at_least "$found" "$wanted" || fail 1 \
        "rustc $found es demasiado viejo, hace falta $wanted o más nuevo: $how" \
        "rustc $found is too old, this needs $wanted or newer: $how"
}

# is_at_least FOUND WANTED, as versions
is_at_least() {
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1) == "$2" ]]
}

need_compiler() {
    has cc || fail 1 \
        'falta un compilador de C: apt-get install gcc libc6-dev' \
        'a C compiler is missing: run: apt-get install gcc libc6-dev'
}

need_crates() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    cargo fetch --locked --quiet --target "$host" 2>/dev/null && return
    cargo fetch --locked --target "$host" >&2 ||
        fail 1 "no se pueden traer los paquetes de Rust: conecte esta máquina a la red una vez (o dé un proxy a cargo) e inténtelo de nuevo" \
            "the crates can't be fetched: connect this machine to the network once (or set up a proxy for cargo) and try again"
}

# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────

need_rights() {
    [[ $EUID -eq 0 ]] || has sudo ||
        fail 1 "esto instala y arranca servicios y usted no es root: hágase root (su -) o instale sudo, y ejecútelo otra vez" \
            "this installs and starts services and you are not root: become root (su -) or install sudo, then run it again"
}

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

# Debian's wrappers in Perl warn of a language that this machine has no locale of.
as_postgres() {
    if [[ $EUID -eq 0 ]]; then
        (cd / && runuser -u postgres -- env LC_ALL=C "$@")
    else
        (cd / && sudo -u postgres env LC_ALL=C "$@")
    fi
}

has_systemd() { [[ -d /run/systemd/system ]]; }

install_packages() {
    has apt-get || fail 1 "no está apt-get: instale esto con los medios de su sistema e inténtelo de nuevo: $*" \
        "apt-get isn't there: install these by your system's means and try again: $*"
    need_rights
    note "instalando $* …" "installing $* …"
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"; } >&2 ||
        fail 1 "no se pueden instalar los paquetes: mire arriba lo que dice apt-get, conecte la red e inténtelo de nuevo" \
            "the packages can't be installed: look at what apt-get says above, connect the network and try again"
}

# The directory of the newest PostgreSQL server's programs, empty where there is none.
postgres_bin() {
    local dirs
    dirs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n1)
    if [[ -x $dirs/initdb ]]; then
        say "$dirs"
    elif has initdb; then
        dirname -- "$(command -v initdb)"
    fi
}

rabbitmq_server() {
    if [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]]; then
        say /usr/lib/rabbitmq/bin/rabbitmq-server
    else
        command -v rabbitmq-server || true
    fi
}

has_rabbitmq() { [[ -n $(rabbitmq_server) ]]; }
has_postgres() { [[ -n $(postgres_bin) ]]; }

# The packages that are missing, one a line.
missing_packages() {
    has_postgres || say postgresql
    has_rabbitmq || say rabbitmq-server
}

new_password() { od -An -N18 -tx1 /dev/urandom | tr -d ' \n'; }
new_cluster_key() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' && say ''; }

# ── services ─────────────────────────────────────────────────────────────────────────────────────────────

of_services() {
    local install='' ids=() arg
    for arg in "$@"; do
        case $arg in
            --install) install=yes ;;
            -*) fail 2 \
                "services no conoce $arg: vea ./rubentario.sh help" \
                "services knows no $arg: see ./rubentario.sh help" ;;
            *) check_node_id "$arg" && ids+=("$arg") ;;
        esac
    done
    if [[ -n $install ]]; then
        install_services "${ids[@]}"
    else
        report_services "${ids[@]}"
    fi
}

report_services() {
    local status=0 id
    report PostgreSQL 'postgresql' has_postgres postgres_is_up || status=1
    report RabbitMQ 'rabbitmq-server' has_rabbitmq rabbitmq_is_up || status=1
    for id in "$@"; do
        if [[ -e $CONFIG_DIR/$id.toml ]]; then
            tell "$id: configuración en $CONFIG_DIR/$id.toml" "$id: config in $CONFIG_DIR/$id.toml"
        else
            tell "$id: aún sin configuración" "$id: no config yet"
            status=1
        fi
    done
    [[ $status -eq 0 ]] || tell \
        "Lo que falta se prepara con: ./rubentario.sh services --install ${*:-ID-DE-NODO…}" \
        "What is missing is set up by: ./rubentario.sh services --install ${*:-NODE-ID…}"
    return "$status"
}

# report NAME PACKAGE HAS IS-UP
report() {
    if ! "$3"; then
        tell "$1: no está instalado (paquete de Debian $2)" "$1: not installed (Debian's package $2)"
    elif ! "$4"; then
        tell "$1: instalado, parado" "$1: installed, not running"
    else
        tell "$1: en marcha" "$1: running"
        return 0
    fi
    return 1
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
rabbitmq_is_up() { answers 5672; }
postgres_is_up() {
    local port
    port=$(postgres_cluster | cut -d' ' -f3)
    [[ -n $port ]] && answers "$port"
}

# The newest cluster of Debian's PostgreSQL: version, name, port; empty where there is none.
postgres_cluster() {
    has pg_lsclusters || return 0
    LC_ALL=C pg_lsclusters --no-header | sort -V | tail -n1 | awk '{ print $1, $2, $3 }'
}

install_services() {
    local missing=() id
    [[ $# -gt 0 ]] || fail 2 'nombre los nodos que configurar: ./rubentario.sh services --install madrid sevilla valencia' \
        'name the nodes to configure: ./rubentario.sh services --install madrid sevilla valencia'
    need_rights
    mapfile -t missing < <(missing_packages)
    [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
    has pg_ctlcluster ||
        fail 1 "esto prepara el PostgreSQL de Debian y encuentra otro: escriba las configuraciones a mano, vea config.toml.example" \
            "this sets up Debian's PostgreSQL and finds another one: write the configs by hand, see config.toml.example"
    start_postgres
    start_rabbitmq
    prepare_config_dir
    make_role
    make_vhost
    for id in "$@"; do
        make_database "$id"
        write_config "$id"
    done
    tell "Listo. Arranque cada uno en su propio terminal, $(founder) el primero: ./rubentario.sh $(founder)" \
        "Ready. Start each in a terminal of its own, $(founder) first: ./rubentario.sh $(founder)"
}

start_postgres() {
    local version name
    if [[ -z $(postgres_cluster) ]]; then
        version=$(basename -- "$(dirname -- "$(postgres_bin)")")
        as_root pg_createcluster "$version" main >&2 || fail 1 "no se puede crear el cluster de PostgreSQL: mire arriba lo que dice pg_createcluster" \
            "PostgreSQL's cluster can't be made: look at what pg_createcluster says above"
    fi
    read -r version name PG_PORT < <(postgres_cluster)
    if ! answers "$PG_PORT"; then
        if has_systemd; then
            as_root systemctl start "postgresql@$version-$name"
        else
            as_root env LC_ALL=C pg_ctlcluster "$version" "$name" start
        fi >&2 || true
    fi
    wait_for "$PG_PORT" || fail 1 "PostgreSQL no arranca: mire /var/log/postgresql/postgresql-$version-$name.log" \
        "PostgreSQL doesn't start: look at /var/log/postgresql/postgresql-$version-$name.log"
    tell "PostgreSQL corre en el puerto $PG_PORT." "PostgreSQL runs on port $PG_PORT."
}

start_rabbitmq() {
    if ! rabbitmq_is_up; then
        if has_systemd; then
            as_root systemctl start rabbitmq-server
        else
            as_root rabbitmq-server -detached
        fi >&2 || true
        wait_for 5672 || fail 1 "RabbitMQ no arranca: mire en /var/log/rabbitmq" \
            "RabbitMQ doesn't start: look into /var/log/rabbitmq"
        as_root rabbitmqctl --quiet await_startup --timeout 60 >&2 || fail 1 "RabbitMQ no llega a estar listo: mire en /var/log/rabbitmq" \
            "RabbitMQ doesn't become ready: look into /var/log/rabbitmq"
    fi
    tell 'RabbitMQ corre en el puerto 5672.' 'RabbitMQ runs on port 5672.'
}

# wait_for PORT: until something answers there, at most a minute
wait_for() {
    local try
    for ((try = 0; try < 300; try++)); do
        answers "$1" && return
        sleep 0.2
    done
    return 1
}

# The passwords stay beside the configs, so that a second run and further nodes use the same.
prepare_config_dir() {
    install -d -m 700 -- "$CONFIG_DIR" || fail 1 "no se puede crear $CONFIG_DIR: mire de quién es la carpeta de encima" \
        "$CONFIG_DIR can't be made: check who owns the directory above it"
    SECRETS=$CONFIG_DIR/services.secrets
    PG_PASSWORD='' MQ_PASSWORD=''
    if [[ -e $SECRETS ]]; then
        PG_PASSWORD=$(sed -n 's/^postgres=//p' "$SECRETS")
        MQ_PASSWORD=$(sed -n 's/^rabbitmq=//p' "$SECRETS")
    fi
    if [[ -z $PG_PASSWORD || -z $MQ_PASSWORD ]]; then
        PG_PASSWORD=$(new_password) MQ_PASSWORD=$(new_password)
        (umask 077 && printf 'postgres=%s\nrabbitmq=%s\n' "$PG_PASSWORD" "$MQ_PASSWORD" >"$SECRETS")
    fi
    # One for all nodes of this machine, whichever starts first; another machine gets a copy.
    CLUSTER_KEY=$CONFIG_DIR/cluster.key
    [[ -e $CLUSTER_KEY ]] || (umask 077 && new_cluster_key >"$CLUSTER_KEY")
}

# Statements come by stdin: a password on a command line can be seen by everyone.
sql() { as_postgres psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --port "$PG_PORT" postgres; }

make_role() {
    local verb=ALTER
    [[ -n $(sql <<<"SELECT 1 FROM pg_roles WHERE rolname = 'rubentario'") ]] || verb=CREATE
    sql <<<"$verb ROLE rubentario LOGIN PASSWORD '$PG_PASSWORD'" || fail 1 "no se puede crear el rol rubentario de PostgreSQL: mire arriba lo que dice psql" \
        "PostgreSQL's role rubentario can't be made: look at what psql says above"
}

# A node id may hold a hyphen, the name of a database should not.
database_of() { say "rubentario_${1//-/_}"; }

make_database() {
    local name
    name=$(database_of "$1")
    [[ -z $(sql <<<"SELECT 1 FROM pg_database WHERE datname = '$name'") ]] || return 0
    sql <<<"CREATE DATABASE $name OWNER rubentario ENCODING 'UTF8' TEMPLATE template0" ||
        fail 1 "no se puede crear la base de datos $name: mire arriba lo que dice psql" \
            "the database $name can't be made: look at what psql says above"
}

rabbitmqctl_quiet() { as_root rabbitmqctl --quiet "$@"; }

make_vhost() {
    local verb=add_user
    ! rabbitmqctl_quiet list_users | cut -f1 | grep -qx rubentario || verb=change_password
    { rabbitmqctl_quiet "$verb" rubentario <<<"$MQ_PASSWORD" &&
        { rabbitmqctl_quiet list_vhosts | grep -qx rubentario || rabbitmqctl_quiet add_vhost rubentario; } &&
        rabbitmqctl_quiet set_permissions -p rubentario rubentario '.*' '.*' '.*'; } >&2 ||
        fail 1 "no se pueden crear el usuario y el vhost rubentario de RabbitMQ: mire arriba lo que dice rabbitmqctl" \
            "RabbitMQ's user and vhost rubentario can't be made: look at what rabbitmqctl says above"
}

write_config() {
    local file=$CONFIG_DIR/$1.toml found=false
    if [[ -e $file ]]; then
        tell "$1: $file ya existe y queda como está; bórrelo para que se escriba de nuevo." \
            "$1: $file exists and stays as it is; delete it to have it written anew."
        return
    fi
    [[ -n $(founder) ]] || found=true
    (umask 077 && config_for "$1" "$found" >"$file") || fail 1 "no se puede escribir $file: mire de quién es $CONFIG_DIR" \
        "$file can't be written: check who owns $CONFIG_DIR"
    tell "$1: escrito $file." "$1: wrote $file."
}

# The node whose config lets it found the cluster, empty where there is none.
founder() {
    grep -ls '^found = true' "$CONFIG_DIR"/*.toml | head -n1 | sed 's|.*/||; s|\.toml$||'
}

# config_for NODE FOUND
config_for() {
    cat <<CONFIG
[node]
id = "$1"

[cluster]
# The nodes without a config are of the cluster "local", on the embedded stores, and keep what they have.
name = "main"
found = $2
# The nodes set up here are let in at once; "ask" leaves it to an operator (a in the peers pane).
admit = "auto"
key_file = "$CLUSTER_KEY"

[store]
url = "postgres://rubentario:$PG_PASSWORD@localhost:$PG_PORT/$(database_of "$1")"

[bus]
urls = ["amqp://rubentario:$MQ_PASSWORD@localhost:5672/rubentario"]
CONFIG
}

# ── test ─────────────────────────────────────────────────────────────────────────────────────────────────

of_test() {
    [[ $# -eq 0 ]] || fail 2 'test no lleva argumentos; para pruebas sueltas: cargo test NOMBRE' \
        'test takes no arguments; for single tests use: cargo test NAME'
    local from=$SECONDS
    TIMES=() FAILED=()
    need_rust
    install_for_tests
    need_crates
    make_work_dir
    step 'formatting' cargo fmt --check
    lint_scripts
    step 'clippy' cargo clippy --locked --quiet --all-targets -- -D warnings
    step 'rustdoc' env RUSTDOCFLAGS='-D warnings' cargo doc --locked --quiet --no-deps --document-private-items
    check_licences
    step 'build' cargo test --locked --quiet --no-run
    unset RUBENTARIO_TEST_POSTGRES RUBENTARIO_TEST_AMQP
    step 'a private PostgreSQL' start_private_postgres
    step 'a private RabbitMQ' start_private_rabbitmq
    if [[ -n ${RUBENTARIO_TEST_POSTGRES:-} && -n ${RUBENTARIO_TEST_AMQP:-} ]]; then run_cargo_tests; fi
    report_steps "$((SECONDS - from))"
}

install_for_tests() {
    local missing=()
    mapfile -t missing < <(missing_packages)
    has cc || missing+=(gcc libc6-dev)
    [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
}

# step NAME COMMAND…: runs it, keeps its time and whether it failed
step() {
    local name=$1 from=$SECONDS
    shift
    say "── $name"
    if "$@"; then
        TIMES+=("$(printf '%5d s  %s' "$((SECONDS - from))" "$name")")
    else
        TIMES+=("$(printf '%5d s  %s: FAILED' "$((SECONDS - from))" "$name")")
        FAILED+=("$name")
    fi
}

lint_scripts() {
    if has shellcheck; then
        step 'shellcheck' shellcheck rubentario.sh .ci/run
    else
        say "── shellcheck: left out, it is not installed (Debian's package shellcheck)"
    fi
}

check_licences() {
    if has cargo-deny; then
        step 'licences, bans, sources' cargo deny --offline --log-level error check licenses bans sources
    else
        say '── licences, bans, sources: left out, cargo-deny is not installed'
    fi
}

run_cargo_tests() {
    if has cargo-nextest; then
        step 'tests' cargo nextest run --locked --no-fail-fast
        step 'documented examples' cargo test --locked --quiet --doc
    else
        step 'tests' cargo test --locked --quiet --no-fail-fast
    fi
    step 'a thousand simulated clusters' cargo test --locked --quiet --profile simulation --test simulation
}

report_steps() {
    say '' && printf '%s\n' "${TIMES[@]}" && printf '%5d s  in all\n' "$1"
    [[ ${#FAILED[@]} -eq 0 ]] || {
        local failed
        failed=$(printf '%s, ' "${FAILED[@]}" | sed 's/, $//')
        fail 1 "ha fallado: $failed" "failed: $failed"
    }
    say 'Everything passed.'
}

# ── bench ────────────────────────────────────────────────────────────────────────────────────────────────

bench() {
    build
    if needs_no_services "$@"; then
        exec "$BINARY" bench "$@"
    fi
    make_work_dir
    if ! has_postgres; then
        note 'PostgreSQL se deja fuera: no está instalado (paquete de Debian postgresql)' \
            "PostgreSQL is left out: it is not installed (Debian's package postgresql)"
    elif start_private_postgres >&2; then
        export RUBENTARIO_BENCH_POSTGRES=$RUBENTARIO_TEST_POSTGRES
    fi
    if ! has_rabbitmq; then
        note 'RabbitMQ se deja fuera: no está instalado (paquete de Debian rabbitmq-server)' \
            "RabbitMQ is left out: it is not installed (Debian's package rabbitmq-server)"
    elif start_private_rabbitmq >&2; then
        export RUBENTARIO_BENCH_AMQP=$RUBENTARIO_TEST_AMQP
    fi
    "$BINARY" bench "$@"
}

# Whether only what is measured without PostgreSQL and RabbitMQ is asked for, or help.
needs_no_services() {
    local arg
    for arg in "$@"; do
        case $arg in --help | -h | import | start | terminal | idle | memory) return 0 ;; esac
    done
    return 1
}

# ── private services ─────────────────────────────────────────────────────────────────────────────────────

# A folder that goes, with the servers in it, when the script ends.
make_work_dir() {
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/rubentario-private.XXXXXX")
    chmod 711 "$WORK"
}

# A port below those that the system hands out, on which nothing answers.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        answers "$port" || break
    done
    say "$port"
}

# PostgreSQL refuses to run as root.
for_postgres() {
    if [[ $EUID -eq 0 ]]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

start_private_postgres() {
    local bin password port
    bin=$(postgres_bin) password=$(new_password) port=$(free_port)
    mkdir -m 700 "$WORK/postgres"
    say "$password" >"$WORK/postgres/password"
    [[ $EUID -ne 0 ]] || chown -R postgres "$WORK/postgres"
    for_postgres "$bin/initdb" --pgdata "$WORK/postgres/data" --username postgres --pwfile "$WORK/postgres/password" \
        --auth scram-sha-256 --encoding UTF8 --locale C --no-sync >/dev/null || return 1
    for_postgres "$bin/pg_ctl" --pgdata "$WORK/postgres/data" --log "$WORK/postgres/log" --wait --silent start \
        --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$WORK/postgres -c max_connections=300" \
        </dev/null || { tail "$WORK/postgres/log" && return 1; }
    PRIVATE_POSTGRES=$bin
    export RUBENTARIO_TEST_POSTGRES="postgres://postgres:$password@127.0.0.1:$port/postgres"
}

start_private_rabbitmq() {
    local port
    port=$(free_port)
    mkdir -m 700 "$WORK/rabbitmq"
    RABBITMQ_ENV=(
        HOME="$WORK/rabbitmq"
        ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$(free_port)"
        RABBITMQ_CONF_ENV_FILE=/dev/null
        RABBITMQ_CONFIG_FILE="$WORK/rabbitmq/none" RABBITMQ_ADVANCED_CONFIG_FILE="$WORK/rabbitmq/none"
        RABBITMQ_ENABLED_PLUGINS_FILE="$WORK/rabbitmq/plugins"
        RABBITMQ_NODENAME="rubentario-test-$$@localhost"
        RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$(free_port)"
        RABBITMQ_MNESIA_BASE="$WORK/rabbitmq/data" RABBITMQ_LOG_BASE="$WORK/rabbitmq/log"
        RABBITMQ_PID_FILE="$WORK/rabbitmq/pid"
    )
    env "${RABBITMQ_ENV[@]}" "$(rabbitmq_server)" >"$WORK/rabbitmq/out" 2>&1 </dev/null &
    PRIVATE_RABBITMQ=$!
    wait_for "$port" || { tail "$WORK/rabbitmq/out" && return 1; }
    export RUBENTARIO_TEST_AMQP="amqp://guest:guest@127.0.0.1:$port/%2f"
}

clean_up() {
    local status=$?
    trap '' INT TERM HUP
    stop_private_rabbitmq
    stop_private_postgres
    [[ -z ${WORK:-} ]] || rm -rf -- "$WORK"
    exit "$status"
}

stop_private_postgres() {
    [[ -n ${PRIVATE_POSTGRES:-} ]] || return 0
    for_postgres "$PRIVATE_POSTGRES/pg_ctl" --pgdata "$WORK/postgres/data" --mode immediate --silent stop || true
}

stop_private_rabbitmq() {
    [[ -n ${PRIVATE_RABBITMQ:-} ]] || return 0
    # The server is a child of the shell that was started; its own pid stands in the file.
    [[ ! -s $WORK/rabbitmq/pid ]] || kill -TERM "$(<"$WORK/rabbitmq/pid")" 2>/dev/null || true
    kill -TERM "$PRIVATE_RABBITMQ" 2>/dev/null || true
    wait "$PRIVATE_RABBITMQ" 2>/dev/null || true
    env "${RABBITMQ_ENV[@]}" epmd -kill >/dev/null 2>&1 || true
}

main "$@"
