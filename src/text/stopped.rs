//! Why a node stopped, or follows a ledger no further: the node says it in English, for the log and for other
//! programs; on a Spanish screen its known reasons are Spanish.

use super::Lang;

/// The reason in the language; one that isn't known is quoted as the node says it.
#[must_use]
pub fn stopped(lang: Lang, reason: &str) -> String {
    if lang == Lang::En {
        return reason.to_owned();
    }
    spanish(reason).unwrap_or_else(|| format!("«{reason}»"))
}

const GIVEN_UP: &str = "it was given up at entry ";

/// Whether it stopped since the others have given it up: no new start changes that.
#[must_use]
pub fn is_given_up(reason: &str) -> bool {
    reason.starts_with(GIVEN_UP)
}

fn spanish(reason: &str) -> Option<String> {
    let fixed = match reason {
        "the node was told to stop" => "se le dijo que parase",
        "another process takes over" => "otro proceso toma su lugar",
        "another process writes to this node's database" => {
            "otro proceso escribe en la base de datos de este nodo"
        }
        "another process is served under this node's name: stop one of the two; this one goes on once it is served and \
         has compared its ledger with the others'" => {
            "otro proceso atiende con el nombre de este nodo: pare uno de los dos; este seguirá cuando le toque a él y \
             haya comparado su libro con el de los demás"
        }
        "its door is closed" => "ha cerrado su puerta",
        "no node runs here" => "aquí no corre ningún nodo",
        _ => "",
    };
    if !fixed.is_empty() {
        return Some(fixed.to_owned());
    }
    let rest = |start| reason.strip_prefix(start);
    if let Some(why) = rest("the store refuses an own entry: ") {
        return Some(format!("la base de datos rechaza una entrada propia («{why}»)"));
    }
    if let Some(name) = rest("another process runs under the name ") {
        return Some(format!("otro proceso usa el nombre {name}"));
    }
    if let Some(seq) = rest("another history under this name was seen at entry ") {
        return Some(format!("con ese nombre se ha visto otra historia en la entrada {seq}"));
    }
    if let Some(path) = rest("no node is running at ") {
        return Some(format!("no hay ningún nodo en {path}"));
    }
    if let Some((path, why)) =
        rest("the node at ").and_then(|rest| rest.split_once(" says what this program can't read ("))
    {
        let why = why.strip_suffix("); are both of one version?").unwrap_or(why);
        return Some(format!(
            "no se entiende lo que dice el nodo de {path} («{why}»): ¿son los dos de la misma versión?"
        ));
    }
    if let Some(pid) = rest("this node is already running here: process ") {
        return Some(format!("este nodo ya corre aquí: proceso {pid}"));
    }
    if let Some((path, why)) =
        rest("the connection to the node at ").and_then(|rest| rest.split_once(" failed: "))
    {
        return Some(format!("ha fallado la conexión con el nodo de {path}: {why}"));
    }
    if let Some((from, seq)) = reason.split_once(" holds another history of this warehouse at entry ") {
        return Some(format!("{from} tiene otra historia de este almacén en la entrada {seq}"));
    }
    let given_up = rest(GIVEN_UP)?.strip_suffix("; what it wrote later is void")?;
    Some(format!("se dio por perdido en la entrada {given_up}; lo que escribió después no vale"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_reason_is_told_in_spanish_and_another_is_quoted() {
        let told = |reason| stopped(Lang::Es, reason);
        assert_eq!(told("the node was told to stop"), "se le dijo que parase");
        assert_eq!(
            told("sevilla holds another history of this warehouse at entry 7"),
            "sevilla tiene otra historia de este almacén en la entrada 7"
        );
        assert_eq!(
            told("it was given up at entry 9; what it wrote later is void"),
            "se dio por perdido en la entrada 9; lo que escribió después no vale"
        );
        assert_eq!(told("the moon is full"), "«the moon is full»");
        assert_eq!(stopped(Lang::En, "the node was told to stop"), "the node was told to stop");
    }
}
