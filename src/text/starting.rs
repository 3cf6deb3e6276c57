//! Why a node can't start, or a store can't be read. The errors say it in English, for the log as well; in Spanish the
//! same is said here, what a database or the system says being quoted.

use super::Lang;
use crate::bus::BusError;
use crate::node::{HeadFileError, KeyError, LockError, NodeError};
use crate::store::{Fault, StoreError};

/// Why a node can't start.
#[must_use]
pub fn node_error(lang: Lang, error: &NodeError) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        NodeError::Store(error) => store_error(lang, error),
        NodeError::Lock(LockError::Held { pid }) => {
            format!("este nodo ya corre aquí: proceso {pid}; use aquel, o párelo antes")
        }
        NodeError::Lock(LockError::Io { path, why }) => {
            format!("no se puede tomar el cierre {} («{why}»): compruebe sus permisos", path.display())
        }
        NodeError::Key(KeyError::Open { path, mode }) => {
            let path = path.display();
            format!("otros pueden leer la clave {path} (permisos {mode:03o}): ejecute chmod 600 {path}")
        }
        NodeError::Key(KeyError::Malformed { path }) => format!(
            "la clave {} no son 64 cifras hexadecimales: recupérela de una copia (un almacén conserva siempre la misma)",
            path.display()
        ),
        NodeError::Key(KeyError::Io { path, why, .. }) => {
            format!("no se puede usar la clave {} («{why}»): compruebe sus permisos", path.display())
        }
        NodeError::Head(HeadFileError::Unreadable { path, why }) => {
            format!("no se puede leer el fichero {path} («{why}»): compruebe sus permisos")
        }
        NodeError::Head(HeadFileError::Damaged { path, why }) => format!(
            "el fichero {path} está dañado («{why}»): bórrelo solo si la base de datos nunca se restauró de una copia"
        ),
        NodeError::Bus(error) => bus_error(error),
        NodeError::Socket { path, why } => {
            format!(
                "no se puede crear el socket del nodo {} («{why}»): compruebe los permisos",
                path.display()
            )
        }
    }
}

/// Why a store can't be used.
#[must_use]
pub fn store_error(lang: Lang, error: &StoreError) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        StoreError::Down { why } => format!("la base de datos no responde («{why}»)"),
        StoreError::ForeignWriter => {
            "otro proceso escribe en la base de datos de este nodo: pare uno de los dos y arranque este de nuevo"
                .to_owned()
        }
        StoreError::Refused { origin, seq, why } => {
            format!("la base de datos rechaza lo que dice {origin}:{seq} («{why}»)")
        }
        StoreError::Config(fault) => self::fault(fault),
        StoreError::Broken { why } => format!(
            "la base de datos está dañada («{why}»): pare el nodo, aparte su fichero o base de datos y \
             arránquelo de nuevo; los demás le devuelven su libro"
        ),
    }
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Address { why } => format!(
            "la dirección de la base de datos no es postgres://usuario:contraseña@servidor/base («{why}»): corrija \
             [store] url"
        ),
        Fault::LogIn { server, user, why } => format!(
            "el PostgreSQL de {server} no deja entrar a {user} («{why}»): corrija usuario y contraseña en [store] url"
        ),
        Fault::Rights { user, database, why } => format!(
            "{user} no puede usar la base de datos {database} como un nodo lo necesita («{why}»): hágalo su dueño, \
             ALTER DATABASE \"{database}\" OWNER TO \"{user}\""
        ),
        Fault::Missing { database, why } => format!(
            "no existe la base de datos {database}, y no se crea («{why}»): créela, o nombre otra en [store] url"
        ),
        Fault::Newer { found, known } => format!(
            "las tablas son de la versión {found} y este programa llega a la {known}: use el rubentario más nuevo que \
             las escribió"
        ),
        Fault::Blank { what } => {
            format!("{what} está vacía: ningún nodo la ha usado nunca; arranque el nodo una vez")
        }
        Fault::Older { what } => format!(
            "las tablas de {what} no son las de este programa: arranque el nodo una vez, y las pondrá al día"
        ),
        Fault::Held { by } => format!(
            "otro proceso tiene la base de datos ({by}): párelo, o dé a este nodo una base de datos propia"
        ),
        Fault::OtherNode { found, wanted } => {
            format!("esta base de datos es del nodo {found}, no de {wanted}: cada nodo necesita la suya")
        }
        Fault::Damaged { path, why } => format!(
            "el fichero de la base de datos {} está dañado («{why}»): apártelo y arranque el nodo de nuevo; los demás le \
             devuelven su libro",
            path.display()
        ),
        Fault::File { path, why } => format!(
            "no se puede usar el fichero de la base de datos {} («{why}»): compruebe la ruta y sus permisos",
            path.display()
        ),
    }
}

fn bus_error(error: &BusError) -> String {
    match error {
        BusError::Name { name, .. } => {
            format!("el nombre {name:?} no vale para el bus: solo a-z, 0-9 y -, y sin pasar del límite")
        }
        BusError::NoAddress => {
            "no hay ninguna dirección de RabbitMQ: ponga al menos una amqps:// en [bus] urls".to_owned()
        }
        BusError::Address { address, why } => {
            format!("no se puede usar la dirección de RabbitMQ {address} («{why}»): corrija [bus] urls")
        }
        BusError::Plain { address } => format!(
            "la dirección de RabbitMQ {address} enviaría la contraseña sin cifrar a otra máquina: use amqps://, o \
             permítalo con [bus] allow_plain = true"
        ),
        BusError::Certificate { path, why } => format!(
            "no se puede usar [bus] ca_file {} («{why}»): ponga un fichero PEM con el certificado de la autoridad",
            path.display()
        ),
        BusError::Unreachable(why) => format!("no se llega al bus («{why}»)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_of_a_store_says_what_to_do_about_that_one() {
        let told = |fault: Fault| store_error(Lang::Es, &fault.into());
        let newer = told(Fault::Newer { found: 9, known: 7 });
        assert!(newer.contains("use el rubentario más nuevo") && !newer.contains("configuración"), "{newer}");
        let damaged = told(Fault::Damaged { path: "store.db".into(), why: "file is not a database".into() });
        assert!(damaged.contains("apártelo") && damaged.contains("store.db"), "{damaged}");
        let missing = told(Fault::Missing { database: "acme".into(), why: "no".into() });
        assert!(missing.contains("créela"), "{missing}");
    }

    #[test]
    fn a_node_that_runs_already_is_told_in_the_language() {
        let error = NodeError::Lock(LockError::Held { pid: "42".into() });
        assert_eq!(
            node_error(Lang::Es, &error),
            "este nodo ya corre aquí: proceso 42; use aquel, o párelo antes"
        );
        assert_eq!(node_error(Lang::En, &error), "this node is already running here: process 42");
    }
}
