//! What is wrong with a field, said in Spanish.
//!
//! Planning words these problems in English; the domain keeps them as text, so they are known by their form.

use super::number::with_comma;

/// The field's name.
pub(super) fn name(field: &str) -> &str {
    match field {
        "name" => "nombre",
        "unit" => "unidad",
        "decimals" => "decimales",
        "barcodes" => "códigos de barras",
        "packs" => "paquetes",
        "category" => "familia",
        "shelf" => "ubicación",
        "reorder_point" => "punto de pedido",
        "maximum" => "máximo",
        "multiple" => "múltiplo",
        "minimum_order" => "pedido mínimo",
        "lead_time" => "plazo de entrega",
        "class" => "clase",
        "service_level" => "nivel de servicio",
        "reference" => "referencia",
        "reason" => "motivo",
        "alert" => "alerta",
        "lines" => "líneas",
        "sku" => "SKU",
        "act" => "operación",
        other => other,
    }
}

/// The problem; one of another form stays as it is.
pub(super) fn problem(problem: &str) -> String {
    fixed(problem).map_or_else(|| shaped(problem).unwrap_or_else(|| problem.to_owned()), str::to_owned)
}

fn fixed(problem: &str) -> Option<&'static str> {
    Some(match problem {
        "it is empty" => "está en blanco",
        "a computed reorder point needs it" => "hace falta para calcular el punto de pedido",
        "a new product needs a name" => "un producto nuevo necesita un nombre",
        "0 to 3 are possible" => "pueden ser de 0 a 3",
        "at most 20 barcodes and 20 packs are possible" => "caben 20 códigos de barras y 20 paquetes",
        "a pack holds more than nothing" => "en un paquete cabe más que nada",
        _ => return None,
    })
}

fn shaped(problem: &str) -> Option<String> {
    if let Some(value) = problem.strip_suffix(" is too little") {
        return Some(format!("{} es demasiado poco", with_comma(value)));
    }
    if let Some((value, point)) = problem.split_once(" is below the reorder point ") {
        let (value, point) = (with_comma(value), with_comma(point));
        return Some(format!("{value} es menor que el punto de pedido {point}"));
    }
    if let Some((length, rest)) = problem.split_once(" characters, at most ") {
        let limit = rest.strip_suffix(" are allowed")?;
        return Some(format!("tiene {length} caracteres y caben {limit}"));
    }
    if let Some(rest) = problem.strip_prefix("the control character ") {
        let found = rest.strip_suffix(" is not allowed")?;
        return Some(format!("no se admite el carácter de control {found}"));
    }
    if let Some(rest) = problem.strip_prefix("there is still stock of ") {
        let sku = rest.strip_suffix(", or some on the road")?;
        return Some(format!("aún hay existencias de {sku}, o algo en camino"));
    }
    if let Some((sku, rest)) = problem.split_once(" has moved, its ") {
        let decimals = rest.strip_suffix(" decimals can't become fewer")?;
        return Some(format!("{sku} ya se ha movido: sus {decimals} decimales no pueden ser menos"));
    }
    if let Some((sku, rest)) = problem.split_once(": ")
        && let Some((wanted, sent)) = rest.split_once(" were asked for, not ")
    {
        let asked = if wanted == "1" { "se pidió" } else { "se pidieron" };
        return Some(format!("{sku}: {asked} {}, no {}", with_comma(wanted), with_comma(sent)));
    }
    if let Some((code, sku)) = problem.strip_suffix("'s already").and_then(|rest| rest.split_once(" is ")) {
        return Some(format!("{code} ya es de {sku}"));
    }
    if let Some(n) = problem.strip_suffix(" products are more than a stocktake can name") {
        return Some(format!("{n} productos son más de los que un recuento puede nombrar"));
    }
    if let Some(line) = problem.strip_suffix(" is named more than once") {
        return Some(format!("{line} se nombra más de una vez"));
    }
    None
}
